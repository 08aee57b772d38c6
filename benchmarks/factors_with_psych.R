# How R's psych solves the problems of the factors room: Rscript factors_with_psych.R JOB.json.
# The time is that of the call alone, after a call on the first rows.

suppressPackageStartupMessages({
  library(psych)
  library(jsonlite)
})

job <- fromJSON(commandArgs(trailingOnly = TRUE)[1])
answers <- as.matrix(read.csv(job$data, header = FALSE))

quietly <- function(expression) {
  capture.output(found <- suppressMessages(suppressWarnings(expression)))
  found
}

# Eigenvalues of the matrix with squared multiple correlations, against those of normal answers.
parallel <- function(answers) {
  found <- fa.parallel(
    cor(answers), n.obs = nrow(answers), fa = "fa", SMC = TRUE, n.iter = job$n_replicates,
    quant = .95, plot = FALSE
  )
  list(eigenvalues = found$fa.values, n_factors = found$nfact)
}

solvers <- list(
  polychoric = function(answers) list(correlations = polychoric(answers, correct = 0)$rho),
  parallel = parallel
)

set.seed(job$seed)
solve_it <- solvers[[job$problem]]
invisible(quietly(solve_it(answers[1:500, 1:5])))
start <- proc.time()[["elapsed"]]
found <- quietly(solve_it(answers))
seconds <- proc.time()[["elapsed"]] - start

version <- sprintf("%s on R %s.%s", packageVersion("psych"), R.version$major, R.version$minor)
write_json(list(seconds = seconds, version = version), job$report, auto_unbox = TRUE, digits = 15)
write_json(lapply(found, unname), job$answer, digits = 15)
