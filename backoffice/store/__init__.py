"""What the portal cannot remember for us: one small database, SQLite by default, PostgreSQL by its URL."""
