"""Correlation matrices that are published, and what other programs say of them."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.factors._correlations.result import Correlations

# Twenty-four psychological tests of 145 children, Holzinger and Swineford (1939) in Harman (1976),
# p. 124; R's Harman74.cor. Thousandths below the diagonal.
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

# Six tests of ability, 112 people; R's ability.cov (covariances).
ABILITY = [
    [24.641, 5.991, 33.520, 6.023, 20.755, 29.701],
    [5.991, 6.700, 18.137, 1.782, 4.936, 7.204],
    [33.520, 18.137, 149.831, 19.424, 31.430, 50.753],
    [6.023, 1.782, 19.424, 12.711, 4.757, 9.075],
    [20.755, 4.936, 31.430, 4.757, 52.604, 66.762],
    [29.701, 7.204, 50.753, 9.075, 66.762, 135.292],
]

# Seven questions to the clerks of 30 departments, Chatterjee and Price (1977); R's attitude.
# Columns: rating, complaints, privileges, learning, raises, critical, advance.
ATTITUDE = """
43 51 30 39 61 92 45  63 64 51 54 63 73 47  71 70 68 69 76 86 48  61 63 45 47 54 84 35
81 78 56 66 71 83 47  43 55 49 44 54 49 34  58 67 42 56 66 68 35  71 75 50 55 70 66 41
72 82 72 67 71 83 31  67 61 45 47 62 80 41  64 53 53 58 58 67 34  67 60 47 39 59 74 41
69 62 57 42 55 63 25  68 83 83 45 59 77 35  77 77 54 72 79 77 46  81 90 50 72 60 54 36
74 85 64 69 79 79 63  65 60 65 75 55 80 60  65 70 46 57 75 85 46  50 58 68 54 64 78 52
50 40 33 34 43 64 33  64 61 52 62 66 80 41  53 66 52 50 63 80 37  40 37 42 58 50 57 49
63 54 42 48 66 75 33  66 77 66 63 88 76 72  78 75 58 74 80 78 49  48 57 44 45 51 83 38
85 85 71 71 77 74 55  82 82 39 59 64 78 39
"""


@pytest.fixture(scope="session")
def known():
    """Return what makes of a matrix correlations as the criteria take them."""

    def make(matrix, n_observations=np.nan):
        nothing = np.full(len(matrix), np.nan)
        return Correlations(matrix, n_observations, nothing, nothing, None, 1.0, ())

    return make


@pytest.fixture(scope="session")
def harman():
    """Return the correlations of Harman's 24 tests."""
    matrix = np.eye(24)
    matrix[np.tril_indices(24, -1)] = np.array(HARMAN.split(), dtype=float) / 1000
    return np.tril(matrix) + np.tril(matrix, -1).T


@pytest.fixture(scope="session")
def ability():
    """Return the correlations of the tests of ability."""
    covariances = np.array(ABILITY)
    scales = np.sqrt(np.diag(covariances))
    return covariances / np.outer(scales, scales)


@pytest.fixture(scope="session")
def attitude_answers():
    """Return the answers to the seven questions."""
    return np.array(ATTITUDE.split(), dtype=float).reshape(30, 7)


@pytest.fixture(scope="session")
def attitude(attitude_answers):
    """Return their correlations."""
    return np.corrcoef(attitude_answers.T)
