"""Segments of respondents by latent class analysis."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import read_columns, read_weights, remember_columns
from custvalue._estimator.mixed import MixedTable, read_mixed
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval, whole_numbers
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._estimator.randomness import new_seed, random_generator
from custvalue._typing import AnyArray, FloatArray
from custvalue.exceptions import ConvergenceWarning, DataQualityWarning
from custvalue.segmentation._latent_answers import (
    AnswerPatterns,
    TrainingAnswers,
    answer_patterns,
    code_answers,
    refuse_missing,
    training_answers,
)
from custvalue.segmentation._latent_class import (
    LatentClasses,
    class_chances,
    mean_log_likelihood,
)
from custvalue.segmentation._latent_profile import (
    class_profile,
    probability_frame,
    telling_answers,
)
from custvalue.segmentation._latent_selection import (
    LatentSelection,
    choose_classes,
    numbers_to_compare,
)
from custvalue.segmentation._names import check_segment_names, matched_names, name_matched
from custvalue.segmentation._previous import earlier_names

__all__ = ["LatentClassSegmenter"]


class LatentClassSegmenter(OutputMixin, PersistenceMixin, BaseEstimator):
    """Find classes of respondents who answer survey items alike.

    Each respondent belongs to one of k classes that nobody sees. A class has a share pi_k and, for
    each item j, probabilities rho_{jc|k} of its answers c; within a class the answers to different
    items are independent (Lazarsfeld and Henry 1968) ::

        P(y_i) = sum_k pi_k prod_j rho_{j, y_ij | k}

    Answers are categories: their order and distance play no part. An item that a respondent left
    out is left out of the product, which is right where answers are missing at random.

    Parameters
    ----------
    items : sequence of str, optional
        Columns that hold answers: text, True and False, or whole numbers, at most 50 different
        ones each. Left out: all columns; of a polars or pyarrow frame all but the first, the id.
    n_classes : int or "auto", default="auto"
        "auto" compares one to ``max_classes`` classes and takes the lowest BIC among those that
        the items identify; see ``selection_``.
    max_classes : int, default=6
        Largest number to compare.
    n_starts : int, default=20
        Random starts for each number of classes. The likelihood has several maxima; the highest
        one found counts.
    prior : float, default=0.0
        Pseudo-respondents that each class has in each category, a Dirichlet(1 + prior). 0 is
        maximum likelihood, where a probability may be exactly 0 or 1; 0.5 or 1 keeps all of them
        inside.
    missing : {"ignore", "raise"}, default="ignore"
        What to do with a missing answer.
    unseen : {"raise", "ignore"}, default="raise"
        What to do with an answer that `fit` has not seen; "ignore" takes it as missing.
    min_size : float, default=0.0
        "auto" takes no number of classes where the share of one is smaller.
    names : sequence of str, or dict of str to str, optional
        Names of the classes, the largest first, or other names for some of "Class 1", "Class 2".
    random_state : int, Generator, RandomState or None, default=None
        Of the starts.
    progress : bool, default=False
        Show a bar while numbers of classes are compared.

    Attributes
    ----------
    segments_ : list of str
        Names of the classes, the one of the largest share first.
    class_shares_ : pandas.Series
        Index: the class. pi_k.
    item_probabilities_ : pandas.DataFrame
        Index: item and category. One column a class: rho_{jc|k}.
    categories_ : dict of str to list
        The answers to each item that `fit` saw, sorted.
    profile_ : pandas.DataFrame
        Index: the class. ``respondents`` whose likeliest class it is and their ``share``;
        ``certainty``, their mean probability of it; ``description``, the answers most special to
        the class, in words.
    selection_ : pandas.DataFrame
        Index: the number of classes. ``log_likelihood``, ``n_parameters``, ``bic``, ``aic``,
        ``adjusted_bic``, ``icl``, ``entropy``, ``g2``, ``degrees_of_freedom``, ``smallest_class``
        (a share), ``starts_agreeing``, ``identified``, ``recommended``. One row where the number
        was given.
    selection_reason_ : str
        Why that number.
    log_likelihood_ : float
        Without the prior.
    aic_, bic_ : float
        Criteria of the fit; low is good.
    n_parameters_ : int
        (k - 1) + k times the sum of categories less one; estimates of 0 and 1 count.
    entropy_ : float
        1 - E / (n log k), where E is the entropy of the classification: 1 where everybody is surely
        in one class, 0 where the answers tell nothing.
    g2_ : float
        Likelihood-ratio statistic against the full table, from those who answered all items; NaN
        where there are none. Chi-squared on ``degrees_of_freedom_`` only where most possible
        patterns have several respondents.
    degrees_of_freedom_ : int
        Possible patterns - 1 - parameters.
    n_missing_ : pandas.Series
        Index: the item. Respondents who left it out.
    n_respondents_ : float
        Those with an answer, by their weights.
    convergence_ : dict
        ``converged``, ``iterations`` of the last search, ``starts``, ``starts_agreeing`` (that
        reached the highest likelihood within a millionth), ``identified`` and ``at_boundary``, the
        number of probabilities at 0 or 1.
    matching_ : pandas.DataFrame or None
        After ``fit(X, previous=...)``. Index: the class. ``previous`` and ``jaccard``, NaN for a
        new one.
    items_ : list of str
        The items, in the order of an array's columns.
    n_features_in_ : int
        Number of items.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names; only where X is a frame.

    See Also
    --------
    CustomerSegmenter : Segments from measurements, or from measurements and categories.

    Notes
    -----
    Estimated by EM on the different rows of answers, so that a million respondents take little
    longer than their patterns. Above 5,000 patterns the starts are compared on 5,000 respondents
    drawn by chance, and the best is followed on all.

    A number of classes is identified where it has no more parameters than the table has free
    cells, and no change of the parameters leaves the probabilities of all patterns as they are; the
    second is looked at where at most 4,096 patterns are possible. Four items of two answers, say,
    do not identify three classes although the numbers would allow it (Goodman 1974).

    A respondent without any answer has the shares as probabilities, so that the largest class is
    the likeliest. `fit` leaves such rows out and says so. A probability of 0 counts as 1e-300 when
    answers are judged that have it.

    References
    ----------
    P. F. Lazarsfeld and N. W. Henry (1968), Latent Structure Analysis, Houghton Mifflin.

    L. A. Goodman (1974), "Exploratory latent structure analysis using both identifiable and
    unidentifiable models", Biometrika 61, 215-231.

    Examples
    --------
    216 respondents in four situations of role conflict (Stouffer and Toby 1951): 1 is the answer
    that holds to general rules, 0 the one that helps a friend.

    >>> from itertools import product
    >>> import pandas as pd
    >>> from custvalue.segmentation import LatentClassSegmenter
    >>> counts = [20, 2, 9, 2, 6, 1, 4, 1, 38, 7, 24, 6, 25, 6, 23, 42]
    >>> survey = pd.DataFrame(list(product([0, 1], repeat=4)), columns=list("ABCD"))
    >>> segmenter = LatentClassSegmenter(random_state=0).fit(survey, sample_weight=counts)
    >>> segmenter.selection_reason_
    'BIC is lowest for 2 classes (1057.3; next 1 class with 1108.8), compared from 1 to 3 classes.
     Left out, not identified by these items: 3.'
    >>> segmenter.class_shares_.round(3)
    segment
    Class 1    0.721
    Class 2    0.279
    Name: share, dtype: float64
    >>> segmenter.item_probabilities_.xs(1, level="category").round(2)
    segment  Class 1  Class 2
    item
    A           0.71     0.99
    B           0.33     0.94
    C           0.35     0.93
    D           0.13     0.77
    >>> round(segmenter.g2_, 2), segmenter.degrees_of_freedom_
    (2.72, 6)

    A new respondent who did not answer C.

    >>> segmenter.transform(pd.DataFrame({"A": [1], "B": [1], "C": [None], "D": [0]})).round(2)
       segment  probability
    0  Class 1         0.71
    """

    _output_columns = ("segment", "probability")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "items": [list, tuple, None],
        "n_classes": [StrOptions({"auto"}), whole_numbers(1, 100)],
        "max_classes": [whole_numbers(1, 100)],
        "n_starts": [whole_numbers(1)],
        "prior": [interval(0, None, closed="left")],
        "missing": [StrOptions({"ignore", "raise"})],
        "unseen": [StrOptions({"raise", "ignore"})],
        "min_size": [interval(0, 1, closed="left")],
        "names": [list, tuple, dict, None],
        "random_state": ["random_state", np.random.Generator],
        "progress": ["boolean"],
    }

    segments_: list[str]
    class_shares_: pd.Series
    item_probabilities_: pd.DataFrame
    categories_: dict[str, list[Any]]
    profile_: pd.DataFrame
    selection_: pd.DataFrame
    selection_reason_: str
    log_likelihood_: float
    aic_: float
    bic_: float
    n_parameters_: int
    entropy_: float
    g2_: float
    degrees_of_freedom_: int
    n_missing_: pd.Series
    n_respondents_: float
    convergence_: dict[str, Any]
    matching_: pd.DataFrame | None
    items_: list[str]
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        items: Sequence[str] | None = None,
        n_classes: int | str = "auto",
        max_classes: int = 6,
        n_starts: int = 20,
        prior: float = 0.0,
        missing: str = "ignore",
        unseen: str = "raise",
        min_size: float = 0.0,
        names: Sequence[str] | Mapping[str, str] | None = None,
        random_state: Any = None,
        progress: bool = False,
    ) -> None:
        self.items = items
        self.n_classes = n_classes
        self.max_classes = max_classes
        self.n_starts = n_starts
        self.prior = prior
        self.missing = missing
        self.unseen = unseen
        self.min_size = min_size
        self.names = names
        self.random_state = random_state
        self.progress = progress

    def fit(
        self, X: Any, y: Any = None, *, sample_weight: Any = None, previous: Any = None
    ) -> Self:
        """Find the classes, name them, and say what is doubtful.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items)
            One row a respondent, or a group of them that answered alike. The columns of an array
            are called ``x0``, ``x1``, ...
        y : None
            Ignored.
        sample_weight : array-like of shape (n_respondents,), optional
            How many respondents each row stands for; 0 leaves it out.
        previous : fitted LatentClassSegmenter, or pandas Series, optional
            The classes of an earlier fit, or their names by respondent. Each new class keeps the
            name of the earlier one that it shares most respondents with, one to one, where they
            share at least a quarter of those in either.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range.
        custvalue.exceptions.DataError
            If a column is missing or holds measurements, nobody answered an item, an answer is
            missing where ``missing="raise"``, or more classes are asked for than rows differ.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            For items that everybody answered alike, and rows without any answer, which are left
            out.
        custvalue.exceptions.ConvergenceWarning
            If the items do not identify that many classes, the search did not end, or a single
            start reached the highest likelihood.
        """
        self._validate_params()
        check_segment_names(self.names)
        names = None if self.items is None else read_columns(X, self.items, "items")
        table = read_mixed(X, names, owner=type(self).__name__)
        weights = read_weights(sample_weight, table)
        answers = training_answers(table, weights, missing=self.missing)
        self._set_input(table, answers)
        selection = self._select(answers.patterns)
        before = None if previous is None else earlier_names(previous, X, table)
        self._name(selection, answers, before, weights)
        self._set_classes(selection, answers.patterns)
        for sentence in answers.doubts:
            warnings.warn(sentence, DataQualityWarning, stacklevel=2)
        for sentence in selection.doubts:
            warnings.warn(sentence, ConvergenceWarning, stacklevel=2)
        return self

    def predict(self, X: Any) -> AnyArray:
        """Return the name of each respondent's likeliest class.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items)
            The columns of ``items_``; an array has them in that order.

        Returns
        -------
        ndarray of object of shape (n_respondents,)
            The larger class where two are equally likely.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the segmenter is not fitted.
        custvalue.exceptions.DataError
            If a column is missing, or an answer is missing or unknown where the parameters say that
            this is an error.
        """
        return self._names_of(self.predict_proba(X))

    def predict_proba(self, X: Any) -> FloatArray:
        """Return the probability of each class given the answers.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items)
            As for `predict`.

        Returns
        -------
        ndarray of shape (n_respondents, n_classes)
            In the order of ``segments_``; rows sum to one.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the segmenter is not fitted.
        custvalue.exceptions.DataError
            As `predict`.
        """
        check_is_fitted(self)
        return self._chances(self._read(X))

    def transform(self, X: Any) -> Any:
        """Return the likeliest class of each respondent, and its probability.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items)
            As for `predict`.

        Returns
        -------
        frame of shape (n_respondents, 2)
            ``segment`` and ``probability``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the segmenter is not fitted.
        custvalue.exceptions.DataError
            As `predict`.
        """
        check_is_fitted(self)
        table = self._read(X)
        chances = self._chances(table)
        columns = {"segment": self._names_of(chances), "probability": chances.max(axis=1)}
        return self._frame(table, columns)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the mean log-likelihood of a respondent's answers.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items)
            As for `predict`.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_respondents,), optional
            How many respondents each row stands for.

        Returns
        -------
        float
            At most 0. Answers that the classes never give weigh heavily; ``prior`` guards against
            that.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the segmenter is not fitted.
        custvalue.exceptions.DataError
            As `predict`, and if weights are no weights.
        """
        check_is_fitted(self)
        table = self._read(X)
        return mean_log_likelihood(
            self._classes(), self._patterns(table, read_weights(sample_weight, table))
        )

    def _set_input(self, table: MixedTable, answers: TrainingAnswers) -> None:
        self.items_ = list(table.columns)
        self.categories_ = answers.categories
        self.n_missing_ = pd.Series(
            answers.n_missing, index=pd.Index(self.items_, name="item"), name="missing"
        )
        self.n_respondents_ = answers.patterns.n_respondents
        remember_columns(self, table)

    def _select(self, patterns: AnswerPatterns) -> LatentSelection:
        sizes = self._sizes()
        numbers = numbers_to_compare(self.n_classes, self.max_classes, len(patterns.counts), sizes)
        return choose_classes(
            patterns,
            sizes,
            numbers,
            asked=self.n_classes != "auto",
            n_starts=self.n_starts,
            prior=self.prior,
            seed=new_seed(random_generator(self.random_state)),
            min_size=self.min_size,
            progress=self.progress,
        )

    def _name(
        self,
        selection: LatentSelection,
        answers: TrainingAnswers,
        before: AnyArray | None,
        weights: FloatArray | None,
    ) -> None:
        """Name the classes, those that an earlier fit knew as they were."""
        matched = None
        if before is not None:
            chances = class_chances(selection.fit.classes, answers.patterns.codes)
            matched = matched_names(
                chances.argmax(axis=1)[answers.patterns.inverse],
                selection.n_classes,
                before[answers.used],
                weights=None if weights is None else weights[answers.used],
            )
        naming = name_matched(selection.n_classes, self.names, matched, noun="Class")
        self.segments_, self.matching_ = naming.names, naming.matching

    def _set_classes(self, selection: LatentSelection, patterns: AnswerPatterns) -> None:
        classes, row = selection.fit.classes, selection.row
        index = pd.Index(self.segments_, name="segment")
        self.class_shares_ = pd.Series(classes.shares, index=index, name="share")
        self.item_probabilities_ = probability_frame(classes, self.categories_, self.segments_)
        self.profile_ = class_profile(
            class_chances(classes, patterns.codes),
            patterns.counts,
            self.segments_,
            telling_answers(classes, self.categories_),
        )
        self.selection_, self.selection_reason_ = selection.table, selection.reason
        self.convergence_ = selection.convergence
        self.log_likelihood_, self.g2_ = row["log_likelihood"], row["g2"]
        self.aic_, self.bic_, self.entropy_ = row["aic"], row["bic"], row["entropy"]
        self.n_parameters_ = int(row["n_parameters"])
        self.degrees_of_freedom_ = selection.degrees_of_freedom

    def _sizes(self) -> tuple[int, ...]:
        return tuple(len(answers) for answers in self.categories_.values())

    def _classes(self) -> LatentClasses:
        probabilities = self.item_probabilities_.to_numpy()
        return LatentClasses(self.class_shares_.to_numpy(), probabilities, self._sizes())

    def _read(self, X: Any) -> MixedTable:
        table = read_mixed(X, self.items_, owner=type(self).__name__)
        if self.missing == "raise":
            refuse_missing(table)
        return table

    def _patterns(self, table: MixedTable, weights: FloatArray | None = None) -> AnswerPatterns:
        codes = code_answers(table, self.categories_, unseen=self.unseen)
        return answer_patterns(codes, self._sizes(), weights)

    def _chances(self, table: MixedTable) -> FloatArray:
        patterns = self._patterns(table)
        return class_chances(self._classes(), patterns.codes)[patterns.inverse]

    def _names_of(self, chances: FloatArray) -> AnyArray:
        names: AnyArray = np.array(self.segments_, dtype=object)
        return np.asarray(names[chances.argmax(axis=1)])
