"""Registration: a notice comes in, its number is compared with the register, then it may be seen (S53, S60-S69)."""
