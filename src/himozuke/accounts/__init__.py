"""Who may come in: accounts, logins with a second factor, sessions, keys for programs."""
