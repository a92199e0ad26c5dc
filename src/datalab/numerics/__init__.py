"""Design matrices and penalised regression that the stages share."""
