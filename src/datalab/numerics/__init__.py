"""Design matrices, penalised regression and imputation that the stages share."""

from datalab.numerics.design import Design, build_design
from datalab.numerics.glm import Fit, fit_ridge
from datalab.numerics.impute import impute_covariates

__all__ = ["Design", "Fit", "build_design", "fit_ridge", "impute_covariates"]
