"""Justice: the tables, the upload, the measures, the covariates and the words of reoffending."""
