"""What a link is, how it is weighed against its register entry and against everybody else's."""
