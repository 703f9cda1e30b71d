"""Law as dated data: TOML rows with a day of effect and a source, looked up by the day of the event."""
