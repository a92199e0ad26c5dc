# Writes evidence_metafor.json: effect sizes and meta-analyses of five data sets by metafor, to which
# test_evidence_metafor.py holds ours. Run in this folder: Rscript evidence_metafor.R
# Made with R 4.2.2 and metafor 3.8-1 (Debian r-cran-metafor, data from r-cran-metadat 1.2-0). No test runs R.
#
# The data are facts from the publications that metadat's help pages name: dat.bcg (Colditz and others 1994),
# dat.landenberger2005 (Landenberger and Lipsey 2005: cognitive-behavioural programmes and reoffending),
# dat.normand1999 (stays in hospital), dat.hine1989 (deaths after lidocaine), dat.hart1999 (strokes, rates per year).
suppressMessages(library(metafor))
exact <- list(threshold = 1e-14, maxiter = 10000, stepadj = 0.5)

numbers <- function(x) paste0("[", paste(ifelse(is.na(x), "null", trimws(formatC(as.numeric(x), digits = 15, format = "g"))), collapse = ", "), "]")
words <- function(x) paste0("[", paste0('"', x, '"', collapse = ", "), "]")
object <- function(...) { p <- list(...); paste0("{", paste0('"', names(p), '": ', unlist(p), collapse = ", "), "}") }
mean_of <- function(r) numbers(c(r$beta[1], r$se[1], r$zval[1], r$pval[1], r$ci.lb[1], r$ci.ub[1]))
spread_of <- function(r) { ci <- confint(r, control = list(tol = 1e-13, maxiter = 10000, tau2.max = 1e4))$random
  numbers(c(r$tau2, ci[1, 2:3], r$I2 / 100, r$H2, r$QE, r$QEp)) }

analyse <- function(d, counts, moderator = NULL) {
  fit <- function(test, ...) rma(yi, vi, data = d, method = "REML", test = test, control = exact, ...)
  r <- fit("knha"); p <- predict(r); l <- leave1out(r); e <- regtest(r, model = "lm"); fe <- rma(yi, vi, data = d, method = "FE")
  f <- summary(e$fit)$coefficients
  parts <- list(
    counts = counts, yi = numbers(d$yi), vi = numbers(d$vi),
    knha = mean_of(r), adhoc = mean_of(suppressWarnings(fit("adhoc"))), z = mean_of(fit("z")), fixed = mean_of(fe),
    spread = spread_of(r), prediction = numbers(c(p$pi.lb, p$pi.ub)), weights = numbers(weights(r) / 100),
    leave1out = paste0("[", paste(sapply(seq_len(nrow(d)), function(i)
      numbers(c(l$estimate[i], l$se[i], l$pval[i], l$ci.lb[i], l$ci.ub[i], l$Q[i], l$Qp[i], l$tau2[i], l$I2[i] / 100, l$H2[i]))), collapse = ", "), "]"),
    egger = numbers(c(f[2, 1:2], e$zval, e$pval, e$est)))
  if (!is.null(moderator)) {
    d$kind <- factor(moderator)
    m <- fit("knha", mods = ~ kind); z <- fit("z", mods = ~ kind); g <- fit("knha", mods = ~ kind - 1)
    parts <- c(parts, list(kinds = words(moderator), levels = words(levels(d$kind)),
      means = numbers(g$beta), errors = numbers(g$se), lows = numbers(g$ci.lb), highs = numbers(g$ci.ub),
      moderators = numbers(c(m$QM, m$QMp, z$QM, z$QMp, m$tau2, m$I2 / 100, m$H2, m$QE, m$QEp, m$R2 / 100))))
  }
  do.call(object, parts)
}
table <- object

b <- dat.bcg; bcg <- escalc("OR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = b)
l <- dat.landenberger2005; cbt <- escalc("OR", ai = n.cbt.rec, bi = n.cbt.non, ci = n.ctrl.rec, di = n.ctrl.non, data = l)
s <- dat.normand1999; stay <- escalc("SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = s)
h <- dat.hine1989; lidocaine <- escalc("RD", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = h)
w <- dat.hart1999; strokes <- escalc("IRR", x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i, data = w)

out <- object(
  versions = words(c(R.version.string, as.character(packageVersion("metafor")), as.character(packageVersion("metadat")))),
  bcg = analyse(bcg, table(a = numbers(b$tpos), m = numbers(b$tpos + b$tneg), b = numbers(b$cpos), n = numbers(b$cpos + b$cneg)), b$alloc),
  landenberger2005 = analyse(cbt, table(a = numbers(l$n.cbt.rec), m = numbers(l$n.cbt.rec + l$n.cbt.non), b = numbers(l$n.ctrl.rec), n = numbers(l$n.ctrl.rec + l$n.ctrl.non)), l$setting),
  normand1999 = analyse(stay, table(mean1 = numbers(s$m1i), sd1 = numbers(s$sd1i), n1 = numbers(s$n1i), mean0 = numbers(s$m2i), sd0 = numbers(s$sd2i), n0 = numbers(s$n2i))),
  hine1989 = analyse(lidocaine, table(a = numbers(h$ai), m = numbers(h$n1i), b = numbers(h$ci), n = numbers(h$n2i))),
  hart1999 = analyse(strokes, table(a = numbers(w$x1i), m = numbers(w$t1i), b = numbers(w$x2i), n = numbers(w$t2i)), w$prevtype),
  two_studies = local({ r <- rma(yi, vi, data = bcg[c(4, 7), ], method = "REML", test = "knha", control = exact); object(knha = mean_of(r), tau2 = numbers(r$tau2)) }),
  empty_cell = object(or = numbers(unlist(escalc("OR", ai = 0, n1i = 20, ci = 3, n2i = 30))), rd = numbers(unlist(escalc("RD", ai = 0, n1i = 20, ci = 3, n2i = 30))), irr = numbers(unlist(escalc("IRR", x1i = 0, t1i = 50, x2i = 4, t2i = 70))))
)
writeLines(gsub('}, "', '},\n"', out), "evidence_metafor.json")
