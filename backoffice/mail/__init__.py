"""Letters through the company's own mail server, by SMTP (RFC 5321)."""
