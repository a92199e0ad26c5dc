"""Balance of covariates before and after matching, and the gate."""
