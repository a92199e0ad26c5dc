"""Sessions of the engines that run the queries."""
