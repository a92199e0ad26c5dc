"""Two blind reviewers, their checklist and what is cleared, fixed by its hash."""
