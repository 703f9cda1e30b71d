"""What the program keeps, in PostgreSQL: one file an area, and the database they share."""
