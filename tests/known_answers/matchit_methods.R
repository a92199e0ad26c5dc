# R's weights and balance figures for tests/known_answers/test_matching_matchit.py.
# R 4.2.2, MatchIt 4.5.1 (Debian r-cran-matchit). Run in this folder: Rscript matchit_methods.R
# Data: MatchIt::lalonde (614 people: 185 trained in the National Supported Work programme, 429 of the Panel Study of
# Income Dynamics; Dehejia and Wahba 1999), written to data/lalonde.csv.
library(MatchIt)
options(digits = 15)
data(lalonde, package = "MatchIt")
write.csv(lalonde, "data/lalonde.csv", row.names = FALSE, quote = FALSE)
f <- treat ~ age + educ + race + married + nodegree + re74 + re75
l <- as.numeric(predict(glm(f, lalonde, family = binomial(), control = list(epsilon = 1e-14)), type = "link"))
t <- lalonde$treat == 1
cal <- 0.2 * sqrt((var(l[t]) + var(l[!t])) / 2)

# Nearest neighbours. The distance goes in as a matrix, with the rows in order of falling score (ties as in the data), for
# given as a vector this version finds no second partner for some rows, and repeats the first with replacement. With a
# matrix it takes the treated in the order of the data, which so is that of m.order = "largest".
o <- order(-l, seq_along(l)); d <- lalonde[o, ]
D <- abs(outer(l[o], l[o], "-")); dimnames(D) <- list(rownames(d), rownames(d))
near <- function(...) matchit(f, d, distance = D, method = "nearest", m.order = "data", ...)
runs <- list(
  nearest_1 = near(ratio = 1), nearest_1_replacement = near(ratio = 1, replace = TRUE),
  nearest_2 = near(ratio = 2), nearest_3_replacement = near(ratio = 3, replace = TRUE),
  nearest_1_caliper = near(ratio = 1, caliper = cal, std.caliper = FALSE),
  nearest_2_exact = suppressWarnings(near(ratio = 2, replace = TRUE, caliper = cal, std.caliper = FALSE, exact = ~ married)),
  # The vector form, for one partner without replacement.
  nearest_1_vector = matchit(f, lalonde, distance = l, method = "nearest", m.order = "largest"),
  exact = matchit(treat ~ race + married + nodegree, lalonde, method = "exact"),
  cem = matchit(f, lalonde, method = "cem"),
  cem_cut = matchit(f, lalonde, method = "cem", cutpoints = list(age = c(20, 25, 30, 40), educ = c(9, 12), married = 2,
    nodegree = 2, re74 = 4, re75 = 4)),
  subclass = matchit(f, lalonde, distance = l, method = "subclass", subclass = 6),
  subclass_10 = matchit(f, lalonde, distance = l, method = "subclass", subclass = 10)
)
weights <- sapply(runs, function(m) {
  w <- m$weights; if (length(unique(names(w))) == nrow(lalonde)) w <- w[rownames(lalonde)]
  w <- as.numeric(w); w[t] <- w[t] / sum(w[t]); w[!t] <- w[!t] / sum(w[!t]); w
})
write.csv(data.frame(logit = sprintf("%.17g", l), apply(weights, 2, function(w) sprintf("%.12g", w))),
  "data/matchit_weights.csv", row.names = FALSE, quote = FALSE)

# summary(): of subclasses it is that of the whole (sum.across); exact and cem name their own covariates only, so all are added.
add <- ~ age + educ + race + married + nodegree + re74 + re75
figures <- do.call(rbind, lapply(names(runs), function(name) {
  s <- summary(runs[[name]], addlvariables = add, data = if (grepl("nearest", name) && name != "nearest_1_vector") d else lalonde,
    pair.dist = FALSE, standardize = TRUE)
  m <- if (is.null(s$sum.matched)) s$sum.across else s$sum.matched
  m <- m[!rownames(m) %in% "distance", 3:6]
  m <- m[!duplicated(rownames(m)), ]
  data.frame(run = name, covariate = rownames(m), apply(m, 2, function(x) sprintf("%.12g", x)), row.names = NULL)
}))
names(figures) <- c("run", "covariate", "smd", "variance_ratio", "ecdf_mean", "ecdf_max")
write.csv(figures, "data/matchit_balance.csv", row.names = FALSE, quote = FALSE)

# Weights of the odds with the same score, and their effect on earnings in 1978 (Hajek).
w <- ifelse(t, 1, exp(l))
cat(sprintf("caliper %.15g\nATT by the odds %.10f\n", cal,
  mean(lalonde$re78[t]) - sum((w * lalonde$re78)[!t]) / sum(w[!t])))

# Why the vector form is no yardstick: of its partners, in the order in which they were chosen, how many were not the nearest
# that was free (printed: 6 of 185, all with low scores).
m <- runs$nearest_1_vector
ids <- rownames(lalonde); first <- which(t)[order(l[t], decreasing = TRUE)]
partner <- match(m$match.matrix[ids[first], 1], ids); free <- which(!t); missed <- 0
for (k in seq_along(first)) {
  apart <- abs(l[first[k]] - l[free])
  missed <- missed + (abs(l[first[k]] - l[partner[k]]) > min(apart) + 1e-12)
  free <- setdiff(free, partner[k])
}
cat("vector form: not the nearest free", missed, "of", length(first), "\n")
