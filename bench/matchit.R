# MatchIt as a stranger would use it: nearest neighbour 1:1 on a logistic score, then its balance table.
# Rscript matchit.R TABLE.csv
suppressPackageStartupMessages(library(MatchIt))
path <- commandArgs(trailingOnly = TRUE)[1]
if (requireNamespace("data.table", quietly = TRUE)) {
  people <- as.data.frame(data.table::fread(path, stringsAsFactors = TRUE, nThread = 1))
} else {
  people <- read.csv(path, stringsAsFactors = TRUE)
}
covariates <- setdiff(names(people), c("treated", "outcome", "days", "back"))
formula <- reformulate(covariates, "treated")
matched <- matchit(formula, data = people, method = "nearest", ratio = 1, distance = "glm")
balance <- summary(matched)
rows <- matched$weights > 0
effect <- weighted.mean(people$outcome[rows & people$treated == 1], matched$weights[rows & people$treated == 1]) -
  weighted.mean(people$outcome[rows & people$treated == 0], matched$weights[rows & people$treated == 0])
cat(as.character(packageVersion("MatchIt")), nrow(balance$sum.matched), effect, "\n")
