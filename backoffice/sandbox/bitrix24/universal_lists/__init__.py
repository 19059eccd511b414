"""Universal lists («Универсальные списки»): information blocks with sections, fields and elements."""
