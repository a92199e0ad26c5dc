# Inverse probability weighting of LaLonde's data by R alone: the figures in textbook_figures.py. R 4.2.2.
# Run: Rscript lalonde_weighting.R FOLDER, with lalonde.csv in it, made by examples.tables.lalonde().to_csv("lalonde.csv").
d <- read.csv(file.path(commandArgs(TRUE)[1], "lalonde.csv")); options(digits = 12)
fine <- glm.control(epsilon = 1e-14, maxit = 200)
weigh <- function(formula) {
  fit <- glm(formula, binomial(), d, control = fine); odds <- exp(predict(fit)); none <- d$treat == 0
  c(loglik = as.numeric(logLik(fit)), att = mean(d$re78[!none]) - weighted.mean(d$re78[none], odds[none]))
}
linear <- treat ~ age + educ + black + hisp + marr + nodegree + re74 + re75
print(weigh(linear))
print(weigh(update(linear, . ~ . + I(age^2) + I(age^3) + I(educ^2) + I(re74 == 0) + I(re75 == 0) + I(educ * re74))))
