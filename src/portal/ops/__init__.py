"""What keeps the lab in order: central data, roles, retention, destruction, the demo."""
