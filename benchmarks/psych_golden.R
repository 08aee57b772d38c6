# Figures of R psych and GPArotation for tests/factors/test_psych_agreement.py.
#
#   Rscript benchmarks/psych_golden.R tests/golden/psych_factors.json
#
# Needs psych, GPArotation, mnormt and jsonlite; takes about two minutes. Where psych ends before
# the optimum (its searches stop at a relative gain of 2e-9, those of single correlations at a step
# of 1e-4), this script goes on from psych's answer to the optimum of the same function. A record
# then holds both: the settled figures, and under "psych" its own with the largest distance. What
# is computed from loadings (fit, scores, hierarchies) is computed from the settled ones, by psych's
# own functions where they take loadings.

suppressPackageStartupMessages({
  library(psych)
  library(GPArotation)
  library(jsonlite)
})

# ---------------------------------------------------------------------------------- data

# Answers 1 to 5 of 300 respondents to 8 items that hang on two related factors; the cuts of the
# items differ, so that some are skewed.
simulated_survey <- function() {
  set.seed(20240607)
  n <- 300
  loadings <- cbind(c(.8, .7, .75, .6, .1, 0, 0, .2), c(0, .1, 0, .15, .7, .8, .65, .55))
  between <- matrix(c(1, .35, .35, 1), 2)
  factors <- matrix(rnorm(2 * n), n) %*% chol(between)
  unique <- sqrt(1 - rowSums((loadings %*% between) * loadings))
  latent <- factors %*% t(loadings) + matrix(rnorm(8 * n), n) %*% diag(unique)
  shift <- c(0, .4, -.5, .2, -.2, .6, 0, -.6)
  cuts <- c(-1.5, -.5, .5, 1.4)
  answers <- sapply(1:8, function(j) findInterval(latent[, j] + shift[j], cuts) + 1)
  colnames(answers) <- paste0("q", 1:8)
  answers
}

survey <- simulated_survey()
bfi_items <- na.omit(bfi[, 1:25])

data_sets <- list(
  ability = list(matrix = cov2cor(ability.cov$cov), n = ability.cov$n.obs, k = 2),
  attitude = list(matrix = cor(attitude), n = nrow(attitude), k = 2),
  thurstone = list(matrix = as.matrix(Thurstone), n = 213, k = 3),
  survey = list(matrix = cor(survey), n = nrow(survey), k = 2),
  harman74 = list(matrix = Harman74.cor$cov, n = Harman74.cor$n.obs, k = 4),
  bfi = list(matrix = cor(bfi_items), n = nrow(bfi_items), k = 5),
  # Only a matrix of another kind; that of the survey is the test of the correlations.
  bfi_polychoric = list(
    matrix = suppressWarnings(polychoric(bfi_items, correct = 0))$rho, n = nrow(bfi_items), k = 5,
    rotations = list(minres = c("none", "oblimin"), ml = "none")
  )
)

# ---------------------------------------------------------------------------- extraction

# Loadings that belong to uniquenesses: the k largest principal axes of R - psi (minres), or of
# psi^-1/2 R psi^-1/2 (maximum likelihood).
loadings_at <- function(R, k, psi, method) {
  scale <- if (method == "ml") sqrt(psi) else rep(1, length(psi))
  inner <- if (method == "ml") R / outer(scale, scale) else R - diag(psi)
  axes <- eigen(inner, symmetric = TRUE)
  size <- sqrt(pmax(axes$values[1:k] - (method == "ml"), 0))
  scale * axes$vectors[, 1:k, drop = FALSE] %*% diag(size, k)
}

# Both are settled where communality and uniqueness of every item sum to one: Newton's method.
settled <- function(R, k, psi, method) {
  excess <- function(psi) rowSums(loadings_at(R, k, psi, method)^2) + psi - 1
  for (step in 1:50) {
    gap <- excess(psi)
    if (max(abs(gap)) < 1e-14) break
    slope <- sapply(seq_along(psi), function(j) {
      h <- replace(numeric(length(psi)), j, 1e-5)
      (excess(psi + h) - excess(psi - h)) / 2e-5
    })
    psi <- psi - solve(slope, gap)
  }
  stopifnot(max(abs(excess(psi))) < 1e-12, all(psi > .005), all(psi < 1))
  psi
}

# ------------------------------------------------------------------------------ rotation

# psych's order and signs: by the variance that a factor explains with its correlations, and sums of
# loadings not below zero. R itself orders by sums of squares.
arranged <- function(L, Phi = diag(ncol(L)), by_squares = FALSE) {
  signs <- ifelse(colSums(L) < 0, -1, 1)
  L <- L %*% diag(signs, ncol(L))
  Phi <- diag(signs, ncol(L)) %*% Phi %*% diag(signs, ncol(L))
  sizes <- if (by_squares) colSums(L^2) else diag(Phi %*% crossprod(L))
  order <- order(sizes, decreasing = TRUE)
  list(loadings = L[, order, drop = FALSE], Phi = Phi[order, order, drop = FALSE])
}

# The best of a start at the axes as they are and of random ones, followed to the end.
best_rotation <- function(name, L, n_starts = 40) {
  rotate <- getFromNamespace(name, "GPArotation")
  start <- function(T, eps, maxit) {
    found <- tryCatch(rotate(L, Tmat = T, eps = eps, maxit = maxit), error = function(e) NULL)
    list(found = found, value = if (is.null(found)) Inf else tail(found$Table[, 2], 1))
  }
  axes <- c(list(diag(ncol(L))), lapply(seq_len(n_starts), function(i) Random.Start(ncol(L))))
  tries <- suppressWarnings(lapply(axes, start, eps = 1e-4, maxit = 300))
  best <- which.min(sapply(tries, `[[`, "value"))
  end <- suppressWarnings(start(tries[[best]]$found$Th, 1e-12, 500))
  single <- suppressWarnings(start(diag(ncol(L)), 1e-6, 1000))
  list(
    loadings = end$found$loadings,
    Phi = if (is.null(end$found$Phi)) diag(ncol(L)) else end$found$Phi,
    criterion = end$value,
    gradient = 10^tail(end$found$Table[, 3], 1),
    worse_by = max(single$value - end$value, 0)
  )
}

varimax_loadings <- function(L, eps) unclass(stats::varimax(L, eps = eps)$loadings)

# Promax of varimax loadings, with psych's scaling: factors of variance one.
promax_of <- function(V) {
  U <- lm.fit(V, V * abs(V)^3)$coefficients
  U <- U %*% diag(sqrt(diag(solve(crossprod(U)))))
  list(loadings = V %*% U, Phi = tcrossprod(solve(U)))
}

rotated <- function(name, L) {
  tight <- 1e-15
  switch(name,
    none = list(loadings = L),
    varimax = list(loadings = varimax_loadings(L, tight)),
    varimax_psych = list(loadings = varimax_loadings(L, 1e-5)),
    promax = promax_of(varimax_loadings(L, tight)),
    promax_r = Promax(L)[c("loadings", "Phi")],
    promax_psych = kaiser(L, rotate = "Promax")[c("loadings", "Phi")],
    oblimin = best_rotation("oblimin", L),
    geomin_oblique = best_rotation("geominQ", L),
    bentler_oblique = best_rotation("bentlerQ", L),
    infomax_oblique = best_rotation("infomaxQ", L),
    quartimax = best_rotation("quartimax", L),
    geomin_orthogonal = best_rotation("geominT", L),
    bentler_orthogonal = best_rotation("bentlerT", L),
    infomax_orthogonal = best_rotation("infomaxT", L)
  )
}

# What psych calls the rotations that it has itself. Its "promax" keeps rows of length one for the
# oblique step, its "Promax" is R's.
PSYCH <- c(
  none = "none", varimax = "varimax", oblimin = "oblimin", geomin_oblique = "geominQ",
  bentler_oblique = "bentlerQ", promax = "Promax", quartimax = "quartimax",
  promax_psych = "promax", promax_r = "Promax", varimax_psych = "varimax"
)

# The preset of custvalue that ends, normalises and orders so; and what it rotates by.
PRESETS <- list(
  varimax_psych = c("varimax", "psych"), promax_psych = c("promax", "psych"),
  promax_r = c("promax", "r")
)

# The columns of B in the order and with the signs that bring them nearest to A: psych may order
# near-equal factors otherwise than the settled solution.
nearest <- function(A, B) {
  k <- ncol(A)
  orders <- as.matrix(expand.grid(rep(list(1:k), k)))
  orders <- orders[apply(orders, 1, function(o) length(unique(o)) == k), , drop = FALSE]
  turned <- lapply(seq_len(nrow(orders)), function(i) {
    signs <- ifelse(colSums(A * B[, orders[i, ]]) < 0, -1, 1)
    B[, orders[i, ]] %*% diag(signs, k)
  })
  turned[[which.min(sapply(turned, function(one) max(abs(A - one))))]]
}

# ----------------------------------------------------------------------------- solutions

FM <- c(minres = "minres", ml = "ml", principal_axis = "pa")
ROTATIONS <- list(
  minres = c(
    "none", "varimax", "promax", "oblimin", "geomin_oblique", "bentler_oblique",
    "infomax_oblique", "quartimax", "geomin_orthogonal", "bentler_orthogonal",
    "infomax_orthogonal", "varimax_psych", "promax_psych", "promax_r"
  ),
  ml = c(
    "none", "varimax", "promax", "oblimin", "geomin_oblique", "bentler_oblique",
    "infomax_oblique"
  ),
  principal_axis = c("none", "oblimin"),
  principal = c("none", "varimax", "oblimin")
)

psych_solution <- function(set, method, rotation) {
  name <- unname(PSYCH[rotation])
  if (is.na(name)) return(NULL)
  more <- if (rotation %in% c("oblimin", "geomin_oblique", "bentler_oblique", "quartimax")) {
    list(eps = 1e-8, maxit = 1000)
  }
  given <- list(set$matrix, set$k, n.obs = set$n, rotate = name)
  suppressMessages(suppressWarnings(
    if (method == "principal") {
      do.call(principal, c(given, more))
    } else {
      do.call(fa, c(given, list(fm = FM[[method]], min.err = 1e-11, max.iter = 1e5), more))
    }
  ))
}

unrotated <- function(set, method) {
  if (method == "principal") {
    axes <- eigen(set$matrix, symmetric = TRUE)
    return(axes$vectors[, 1:set$k, drop = FALSE] %*% diag(sqrt(axes$values[1:set$k])))
  }
  form <- if (method == "ml") "ml" else "minres"
  found <- psych_solution(set, method, "none")
  psi <- settled(set$matrix, set$k, 1 - rowSums(unclass(found$loadings)^2), form)
  loadings_at(set$matrix, set$k, psi, form)
}

solutions_of <- function(name) {
  set <- data_sets[[name]]
  set.seed(1)
  wanted <- if (is.null(set$rotations)) ROTATIONS else set$rotations
  unlist(lapply(names(wanted), function(method) {
    A <- unrotated(set, method)
    # psych signs the unrotated factors before it rotates them: the loose varimax depends on it.
    A <- A %*% diag(ifelse(colSums(A) < 0, -1, 1))
    lapply(wanted[[method]], function(rotation) solution(name, set, method, rotation, A))
  }), recursive = FALSE)
}

solution <- function(name, set, method, rotation, A) {
  message(name, " ", method, " ", rotation)
  found <- rotated(rotation, A)
  oblique <- !is.null(found$Phi) && any(abs(found$Phi - diag(set$k)) > 1e-12)
  of_r <- rotation == "promax_r"
  final <- arranged(found$loadings, if (oblique) found$Phi else diag(set$k), by_squares = of_r)
  record <- list(data = name, method = method, rotation = rotation, n_factors = set$k)
  if (!is.null(PRESETS[[rotation]])) {
    record$rotation <- PRESETS[[rotation]][1]
    record$preset <- PRESETS[[rotation]][2]
  }
  record$loadings <- digits(final$loadings)
  if (oblique) record$factor_correlations <- digits(final$Phi)
  if (!is.null(found$criterion)) {
    record$criterion <- found$criterion
    record$gradient <- signif(found$gradient, 2)
    record$single_start_worse_by <- signif(found$worse_by, 3)
  }
  own <- psych_solution(set, method, rotation)
  if (!is.null(own)) {
    theirs <- unclass(own$loadings)
    turned <- nearest(final$loadings, theirs)
    record$psych <- list(
      loadings = round(unname(if (of_r) turned else theirs), 7),
      distance = signif(max(abs(final$loadings - turned)), 3)
    )
  }
  record
}

digits <- function(x) {
  x <- round(unclass(x), 10)
  dimnames(x) <- NULL
  attributes(x) <- attributes(x)["dim"]
  x
}

# --------------------------------------------------------------------------- fit, scores

find_solution <- function(solutions, name, method, rotation) {
  Filter(function(one) {
    one$data == name && one$method == method && one$rotation == rotation && is.null(one$preset)
  }, solutions)[[1]]
}

# Ends of the interval of RMSEA: noncentralities at which the statistic is the 95 % and 5 % point.
rmsea_limits <- function(statistic, df, n) {
  end <- function(level) {
    if (pchisq(statistic, df) <= level) return(0)
    at <- function(x) pchisq(statistic, df, ncp = x) - level
    root <- uniroot(at, c(0, statistic + 4 * n), tol = 1e-12, maxiter = 1e4)$root
    sqrt(root / (n - 1) / df)
  }
  c(end(.95), end(.05))
}

fit_of <- function(name, method, solutions) {
  set <- data_sets[[name]]
  L <- find_solution(solutions, name, method, "none")$loadings
  dimnames(L) <- list(rownames(set$matrix), NULL)
  one <- suppressMessages(suppressWarnings(factor.stats(set$matrix, L, n.obs = set$n)))
  limits <- rmsea_limits(one$STATISTIC, one$dof, set$n)
  own <- psych_solution(set, method, "none")
  excess <- max(one$STATISTIC - one$dof, 0)
  list(
    data = name, method = method, n_factors = set$k,
    uniquenesses = 1 - rowSums(L^2),
    objective = one$objective, chi_square = one$STATISTIC, degrees_of_freedom = one$dof,
    p_value = one$PVAL, rmsea = one$RMSEA[[1]], rmsea_lower = limits[1],
    rmsea_upper = limits[2], tli = one$TLI, rms = one$rms, crms = one$crms, bic = one$BIC,
    null_chi_square = one$null.chisq, null_degrees_of_freedom = one$null.dof,
    cfi = 1 - excess / max(one$null.chisq - one$null.dof, excess),
    psych = list(
      chi_square = own$STATISTIC, p_value = own$PVAL, rmsea = own$RMSEA[[1]],
      rmsea_lower = own$RMSEA[[2]], rmsea_upper = own$RMSEA[[3]], tli = own$TLI,
      rms = own$rms, bic = own$BIC
    )
  )
}

scores_of <- function(name, rotation, solutions) {
  set <- data_sets[[name]]
  one <- find_solution(solutions, name, "minres", rotation)
  Phi <- if (is.null(one$factor_correlations)) diag(set$k) else one$factor_correlations
  rules <- c(
    regression = "Thurstone", bartlett = "Bartlett", ten_berge = "tenBerge",
    anderson = "Anderson"
  )
  L <- one$loadings
  dimnames(L) <- list(rownames(set$matrix), paste0("F", seq_len(set$k)))
  made <- lapply(rules, function(rule) factor.scores(set$matrix, L, Phi, method = rule))
  list(
    data = name, method = "minres", rotation = rotation, n_factors = set$k,
    weights = lapply(made, function(one) digits(one$weights)),
    r2 = lapply(made, function(one) unname(one$R2))
  )
}

adequacy_of <- function(name) {
  set <- data_sets[[name]]
  kmo <- KMO(set$matrix)
  bartlett <- cortest.bartlett(set$matrix, n = set$n)
  list(
    data = name, kmo = kmo$MSA, kmo_items = unname(kmo$MSAi),
    chi_square = bartlett$chisq, degrees_of_freedom = bartlett$df, p_value = bartlett$p.value,
    smc = unname(smc(set$matrix))
  )
}

map_of <- function(name) {
  set <- data_sets[[name]]
  most <- min(8, ncol(set$matrix) - 1)
  found <- suppressMessages(suppressWarnings(
    VSS(set$matrix, n = most, n.obs = set$n, plot = FALSE)
  ))
  values <- found$map[seq_len(most)]
  list(data = name, map = values, n_factors = which.min(values))
}

# --------------------------------------------------------------------------- reliability

alpha_of <- function(name, answers) {
  one <- suppressWarnings(alpha(answers))
  list(
    data = name, raw = one$total$raw_alpha, standardised = one$total$std.alpha,
    lambda_6 = one$total$`G6(smc)`, average_r = one$total$average_r,
    if_dropped = one$alpha.drop$raw_alpha, r_drop = one$item.stats$r.drop,
    lower = as.numeric(one$feldt$lower.ci), upper = as.numeric(one$feldt$upper.ci)
  )
}

# Schmid and Leiman's hierarchy above settled oblimin factors, and omega as psych defines it.
omega_of <- function(name, solutions) {
  set <- data_sets[[name]]
  one <- find_solution(solutions, name, "minres", "oblimin")
  L <- one$loadings
  Phi <- one$factor_correlations
  if (set$k > 2) {
    start <- suppressWarnings(1 - smc(Phi))
    above <- drop(loadings_at(Phi, 1, settled(Phi, 1, unname(start), "minres"), "minres"))
  } else {
    above <- rep(sqrt(Phi[1, 2]), 2)
  }
  above <- above * sign(sum(above))
  general <- drop(L %*% above)
  stopifnot(all(general > 0))
  group <- L %*% diag(sqrt(1 - above^2))
  h2 <- rowSums((L %*% Phi) * L)
  total <- sum(set$matrix)
  squares <- colSums(cbind(general, group)^2)
  own <- suppressMessages(suppressWarnings(
    omega(set$matrix, nfactors = set$k, n.obs = set$n, plot = FALSE)
  ))
  list(
    data = name, n_factors = set$k, omega_total = 1 - sum(1 - h2) / total,
    omega_hierarchical = sum(general)^2 / total, ecv = squares[[1]] / sum(squares),
    general = general, group = digits(group), second_order = above,
    psych = list(
      omega_total = own$omega.tot, omega_hierarchical = own$omega_h, ecv = own$ECV[[1]]
    )
  )
}

# --------------------------------------------------------------------------- polychoric

bivariate <- function(x, y, rho) {
  if (x == Inf) return(pnorm(y))
  if (y == Inf) return(pnorm(x))
  if (x == -Inf || y == -Inf) return(0)
  mnormt::biv.nt.prob(0, lower = c(-Inf, -Inf), upper = c(x, y), mean = c(0, 0),
    S = matrix(c(1, rho, rho, 1), 2))
}

bivariate_density <- function(x, y, rho) {
  if (!is.finite(x) || !is.finite(y)) return(0)
  exp(-(x^2 - 2 * rho * x * y + y^2) / (2 * (1 - rho^2))) / (2 * pi * sqrt(1 - rho^2))
}

on_corners <- function(f, cuts_x, cuts_y, rho) {
  corners <- outer(
    seq_along(cuts_x), seq_along(cuts_y), Vectorize(function(i, j) f(cuts_x[i], cuts_y[j], rho))
  )
  t(diff(t(diff(corners))))
}

cuts_of <- function(counts) c(-Inf, qnorm(head(cumsum(counts), -1) / sum(counts)), Inf)

# Olsson's two steps: cuts from the margins, then the root of the derivative of the likelihood.
settled_polychoric <- function(table) {
  x <- cuts_of(rowSums(table))
  y <- cuts_of(colSums(table))
  seen <- table > 0
  slope <- function(rho) {
    change <- on_corners(bivariate_density, x, y, rho) / on_corners(bivariate, x, y, rho)
    sum((table * change)[seen])
  }
  uniroot(slope, c(-.95, .95), tol = 1e-13)$root
}

polychoric_of <- function(name, answers) {
  p <- ncol(answers)
  message(name, " polychoric")
  values <- sort(unique(unlist(as.data.frame(answers))))
  counted <- function(j) factor(answers[, j], values)
  pairs <- which(lower.tri(diag(p)), arr.ind = TRUE)
  rho <- apply(pairs, 1, function(pair) {
    settled_polychoric(unclass(table(counted(pair[1]), counted(pair[2]))))
  })
  own <- suppressMessages(suppressWarnings(polychoric(answers, smooth = FALSE, correct = 0)))
  list(
    data = name, n = nrow(answers), pairs = unname(pairs) - 1, rho = round(rho, 12),
    thresholds = lapply(seq_len(p), function(j) inner_cuts(table(counted(j)))),
    psych = list(
      rho = round(own$rho[pairs], 7), distance = signif(max(abs(own$rho[pairs] - rho)), 3)
    )
  )
}

inner_cuts <- function(counts) {
  cuts <- cuts_of(counts)
  I(cuts[is.finite(cuts)])
}

# Tables of two ratings; psych puts 0.5 into an empty cell.
table_of <- function(counts) {
  own <- suppressMessages(suppressWarnings(
    if (length(counts) == 4) tetrachoric(counts, correct = .5) else psych_table(counts)
  ))
  filled <- counts
  if (length(counts) == 4) filled[filled == 0] <- .5
  rho <- settled_polychoric(filled)
  list(
    table = unname(counts), rho = rho, row_cuts = inner_cuts(rowSums(filled)),
    column_cuts = inner_cuts(colSums(filled)),
    psych = list(rho = as.numeric(own$rho), distance = signif(abs(as.numeric(own$rho) - rho), 3))
  )
}

# psych takes a table larger than two by two as the answers that it counts.
psych_table <- function(counts) {
  cells <- which(counts > 0, arr.ind = TRUE)
  answers <- cells[rep(seq_len(nrow(cells)), counts[cells]), ]
  list(rho = polychoric(answers, correct = 0)$rho[2, 1])
}

tables <- list(
  # Olsson (1979)
  matrix(c(13, 69, 41, 6, 113, 132, 0, 22, 104), 3),
  # ?tetrachoric of psych
  matrix(c(44268, 193, 14, 0), 2),
  matrix(c(61661, 1610, 85, 20), 2),
  matrix(c(62503, 105, 768, 0), 2),
  matrix(c(24875, 265, 47, 0), 2)
)

patterns_of <- function(answers) {
  key <- apply(answers, 1, paste, collapse = "")
  counts <- table(key)
  list(patterns = names(counts), counts = as.vector(counts))
}

# ---------------------------------------------------------------------------------- all

described <- function(name) {
  set <- data_sets[[name]]
  list(
    items = if (is.null(rownames(set$matrix))) NULL else rownames(set$matrix),
    n = set$n, correlation = unname(round(set$matrix, 15))
  )
}

main <- function(path) {
  names <- names(data_sets)
  solutions <- unlist(lapply(names, solutions_of), recursive = FALSE)
  methods <- c("minres", "ml")
  fits <- unlist(lapply(names, function(name) {
    lapply(methods, function(method) fit_of(name, method, solutions))
  }), recursive = FALSE)
  scores <- c(
    lapply(setdiff(names, "bfi_polychoric"), scores_of, "oblimin", solutions),
    list(scores_of("attitude", "varimax", solutions))
  )
  result <- list(
    source = list(
      R = paste(R.version$major, R.version$minor, sep = "."),
      psych = as.character(packageVersion("psych")),
      GPArotation = as.character(packageVersion("GPArotation")),
      made_by = "benchmarks/psych_golden.R"
    ),
    data = sapply(names, described, simplify = FALSE),
    answers = list(
      attitude = unname(as.matrix(attitude)), survey = unname(survey), lsat6 = patterns_of(lsat6)
    ),
    solutions = solutions,
    fits = fits,
    scores = scores,
    adequacy = lapply(names, adequacy_of),
    map = lapply(names, map_of),
    alpha = list(alpha_of("attitude", attitude), alpha_of("survey", as.data.frame(survey))),
    omega = lapply(c("ability", "thurstone", "survey", "harman74"), omega_of, solutions),
    polychoric = list(polychoric_of("survey", survey), polychoric_of("lsat6", lsat6)),
    tables = lapply(tables, table_of)
  )
  json <- toJSON(result, digits = 15, auto_unbox = TRUE, null = "null", na = "null")
  # One record a line, so that a change shows as what it is.
  writeLines(gsub('{"data"', '\n{"data"', json, fixed = TRUE), path)
}

main(commandArgs(trailingOnly = TRUE)[1])
