"""Who somebody is: people, organisations, roles, second factor and how long a session lasts."""
