"""What is read from and written to the database, by topic."""
