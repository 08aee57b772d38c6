"""Correlation matrices of textbooks, and one call for all extractions."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.factors._conventions import PRESETS
from custvalue.factors._extraction.extract import extract

# Covariances of six tests of 112 people: R's datasets::ability.cov (Bartholomew & Knott 1990).
ABILITY = """
    24.641
    5.991 6.7
    33.52 18.137 149.831
    6.023 1.782 19.424 12.711
    20.755 4.936 31.43 4.757 52.604
    29.701 7.204 50.753 9.075 66.762 135.292
"""

# Correlations of R's datasets::attitude (Chatterjee & Price 1977), by R to 15 digits.
ATTITUDE = """
    1
    0.825417569542146 1
    0.426116870100264 0.558288200727029 1
    0.623678164500211 0.596735806267436 0.493330965641802 1
    0.590138994877686 0.669197480598074 0.445477938072245 0.640314372822134 1
    0.156439151607238 0.187714271224677 0.147233135976634 0.115965246489753 0.376882965169379 1
    0.155086252601194 0.224579552888947 0.343293433839615 0.531619788141277 0.574186160521001
    0.283343174035317 1
"""

# Correlations in thousandths, below the diagonal, of 24 tests of 145 pupils: R's
# datasets::Harman74.cor (Harman 1976, p. 124).
HARMAN = """
    318
    403 317
    468 230 305
    321 285 247 227
    335 234 268 327 622
    304 157 223 335 656 722
    332 157 382 391 578 527 619
    326 195 184 325 723 714 685 532
    116 57 -75 99 311 203 246 285 170
    308 150 91 110 344 353 232 300 280 484
    314 145 140 160 215 95 181 271 113 585 428
    489 239 321 327 344 309 345 395 280 408 535 512
    125 103 177 66 280 292 236 252 260 172 350 131 195
    238 131 65 127 229 251 172 175 248 154 240 173 139 370
    414 272 263 322 187 291 180 296 242 124 314 119 281 412 325
    176 5 177 187 208 273 228 255 274 289 362 278 194 341 345 324
    368 255 211 251 263 167 159 250 208 317 350 349 323 201 334 344 448
    270 112 312 137 190 251 226 274 274 190 290 110 263 206 192 258 324 358
    365 292 297 339 398 435 451 427 446 173 202 246 241 302 272 388 262 301 167
    369 306 165 349 318 263 314 362 266 405 399 355 425 183 232 348 173 357 331 413
    413 232 250 380 441 386 396 357 483 160 304 193 279 243 246 283 273 317 342 463 374
    474 348 383 335 435 431 405 501 504 262 251 350 382 242 256 360 287 272 303 509 451 503
    282 211 203 248 420 433 437 388 424 531 412 414 358 304 165 262 326 405 374 366 448 375 434
"""


def triangle(text: str) -> np.ndarray:
    """Return the symmetric matrix whose lower triangle, with its diagonal, is in the text."""
    numbers = np.array(text.split(), dtype=float)
    size = int(np.sqrt(2 * len(numbers)))
    matrix = np.zeros((size, size))
    matrix[np.tril_indices(size)] = numbers
    return matrix + np.tril(matrix, -1).T


def factored(loadings: np.ndarray) -> np.ndarray:
    """Return the correlations that loadings imply."""
    matrix = loadings @ loadings.T
    np.fill_diagonal(matrix, 1.0)
    return matrix


def sampled(seed: int, *, n_items: int = 7, n_true: int = 2, n_rows: int = 80) -> np.ndarray:
    """Return the correlations of a sample from a factor model, with noise."""
    generator = np.random.default_rng(seed)
    loadings = generator.normal(size=(n_items, n_true))
    factors = generator.normal(size=(n_rows, n_true))
    return np.corrcoef(
        factors @ loadings.T + generator.normal(size=(n_rows, n_items)), rowvar=False
    )


@pytest.fixture(scope="session")
def ability() -> np.ndarray:
    """Six tests of ability."""
    covariance = triangle(ABILITY)
    scale = np.sqrt(np.diag(covariance))
    return covariance / np.outer(scale, scale)


@pytest.fixture(scope="session")
def attitude() -> np.ndarray:
    """Seven ratings of a department by its employees."""
    return triangle(ATTITUDE)


@pytest.fixture(scope="session")
def harman() -> np.ndarray:
    """Twenty-four psychological tests."""
    matrix = np.eye(24)
    matrix[np.tril_indices(24, -1)] = np.array(HARMAN.split(), dtype=float) / 1000
    return np.tril(matrix, -1) + np.tril(matrix).T


@pytest.fixture(scope="session")
def autoregressive():
    """Return the correlations 0.4^|i - j| of a given size, which a reversal leaves as they are."""

    def make(n_items: int) -> np.ndarray:
        return 0.4 ** np.abs(np.subtract.outer(np.arange(n_items), np.arange(n_items)))

    return make


@pytest.fixture(scope="session")
def implied():
    """Return the function that turns loadings into correlations."""
    return factored


@pytest.fixture(scope="session")
def sample():
    """Return the function that draws correlations."""
    return sampled


@pytest.fixture(scope="session")
def run():
    """Return a short way to call the extraction."""

    def call(matrix, n_factors, method, *, n_starts=10, seed=0, start=None, preset=None):
        return extract(
            matrix,
            n_factors,
            method=method,
            conventions=PRESETS[preset],
            n_starts=n_starts,
            generator=np.random.default_rng(seed),
            start=start,
        )

    return call
