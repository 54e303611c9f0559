"""Songs as notes: form, sections, arrangement."""
