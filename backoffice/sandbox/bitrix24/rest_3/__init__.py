"""REST 3.0 at `/rest/api/`, as far as tasks go. Official source: api-reference/rest-v3.md."""
