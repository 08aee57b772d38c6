"""What all estimators have in common: scikit-learn's checks, and the same intent on valid tables.

Most estimators read a table of their domain and refuse scikit-learn's random matrices by right;
`support.registry` lists those checks with the rule that each breaks. The tests below the first
repeat their intent on the valid tables of the registry.
"""

from __future__ import annotations

import copy
import gc
import inspect
import pickle
import weakref
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

import custvalue
from support.estimators import (
    EVERY,
    KINDS,
    ROW_BY_ROW,
    as_kind,
    as_pandas,
    expected_results,
    fitted,
    results,
    same,
)
from support.registry import REGISTRY, entries, public_estimators

WEIGHTED = entries(lambda entry: entry.weighted)
SCORED = [name for name in EVERY if hasattr(REGISTRY[name].make(), "score")]
PARAMETERS = [
    (name, parameter)
    for name in EVERY
    for parameter in REGISTRY[name].make().get_params(deep=False)
]


def _expected_failed_checks(estimator: Any) -> dict[str, str]:
    return dict(REGISTRY[type(estimator).__name__].expected_failed_checks)


@pytest.mark.filterwarnings("ignore:.*did not reach a proper maximum")
@parametrize_with_checks(
    [entry.make() for entry in REGISTRY.values()],
    expected_failed_checks=_expected_failed_checks,
    xfail_strict=True,
)
def test_checks_of_scikit_learn(estimator, check):
    """Every check passes, but for those that the registry lists; and those listed do fail."""
    try:
        check(estimator)
    except Exception as error:
        if check.func.__name__ in _expected_failed_checks(estimator):
            # pytest would take longer to print the traceback than all checks to run.
            raise error.with_traceback(None) from None
        raise


def test_every_public_estimator_is_in_the_registry():
    """An estimator cannot be added without meeting the tests of this file."""
    assert set(REGISTRY) == set(public_estimators())


# Parameters


@pytest.mark.parametrize("name", EVERY)
def test_parameters_are_keyword_only_and_have_defaults(name):
    """Every estimator can be made of nothing, and no parameter by position."""
    for parameter in inspect.signature(public_estimators()[name]).parameters.values():
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert parameter.default is not inspect.Parameter.empty
    public_estimators()[name]()


@pytest.mark.parametrize("name", EVERY)
def test_the_constructor_stores_and_does_nothing_else(name):
    """Each parameter is kept as the very object given; nothing else is set or checked."""
    cls = public_estimators()[name]
    given = {parameter: object() for parameter in cls().get_params(deep=False)}
    assert vars(cls(**given)) == given


@pytest.mark.parametrize("name", EVERY)
def test_parameters_can_be_read_set_and_cloned(name):
    """What ``set_params`` sets ``get_params`` gives, and a clone has it too."""
    entry = REGISTRY[name]
    model = entry.make()
    assert set(entry.changed) == set(model.get_params(deep=False))
    assert model.set_params(**entry.changed) is model
    for one in (model, clone(model), entry.make(**entry.changed)):
        found = one.get_params(deep=False)
        assert {key: repr(value) for key, value in found.items()} == {
            key: repr(value) for key, value in entry.changed.items()
        }


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_a_wrong_parameter_is_named_when_fitting(name, parameter):
    """No parameter is taken unseen: an object of no meaning is refused by name."""
    entry = REGISTRY[name]
    with pytest.raises((TypeError, ValueError), match=parameter):
        entry.make(**{parameter: object()}).fit(entry.table())


# Fitting


@pytest.mark.parametrize("name", EVERY)
def test_fit_returns_self_and_sets_plain_attributes_that_end_in_an_underscore(name):
    """Beside its parameters a fitted estimator holds only names that end in one underscore."""
    model = REGISTRY[name].make()
    assert model.fit(REGISTRY[name].table()) is model
    learned = set(vars(model)) - set(model.get_params(deep=False))
    assert learned
    assert all(key.endswith("_") and not key.startswith("_") for key in learned)


@pytest.mark.parametrize("name", EVERY)
def test_fitting_again_changes_nothing(name):
    """A second fit and a fitted clone give the same results to the last bit."""
    X = REGISTRY[name].table()
    model, rounding = fitted(name), REGISTRY[name].rounding
    same(results(model.fit(X), X), expected_results(name), **rounding)
    same(results(clone(model).fit(X), X), expected_results(name), **rounding)


@pytest.mark.parametrize("name", EVERY)
def test_a_clone_forgets_what_was_learned(name):
    """A clone is not fitted."""
    with pytest.raises(NotFittedError):
        clone(fitted(name)).transform(REGISTRY[name].table())


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_the_input_is_neither_changed_nor_kept(name, kind):
    """After fit and transform the table is as it was, and nothing holds on to it."""
    entry = REGISTRY[name]
    X = as_kind(entry.table(), kind, entry.columns)
    before = copy.deepcopy(X)
    model = entry.make().fit(X)
    results(model, X)
    assert before.equals(X) if hasattr(X, "equals") else (before == X).all()
    alive = weakref.ref(X)
    del X
    if alive() is not None:
        gc.collect()
    assert alive() is None


@pytest.mark.parametrize("name", ROW_BY_ROW)
def test_arrays_may_be_read_only_or_in_column_order(name):
    """Memory that cannot be written, or lies the other way round, gives the same results."""
    entry = REGISTRY[name]
    array = entry.table()[list(entry.columns)].to_numpy()
    expected = results(entry.make().fit(array), array)
    for other in (np.asfortranarray(array), np.frombuffer(array.tobytes()).reshape(array.shape)):
        same(results(entry.make().fit(other), other), expected)


@pytest.mark.parametrize("name", EVERY)
def test_y_is_ignored(name):
    """A target that a pipeline hands through does no harm."""
    entry = REGISTRY[name]
    X = entry.table()
    model = entry.make().fit(X, np.zeros(len(X)))
    same(results(model, X), expected_results(name), **entry.rounding)


@pytest.mark.parametrize("name", EVERY)
def test_transform_leaves_the_estimator_as_it_was(name, tmp_path):
    """Answering a question is not learning."""
    model, files = fitted(name), (tmp_path / "before.json", tmp_path / "after.json")
    model.save(files[0])
    results(model, REGISTRY[name].table())
    model.save(files[1])
    assert files[0].read_text() == files[1].read_text()


@pytest.mark.parametrize("name", EVERY)
def test_fit_transform_is_fit_then_transform(name):
    """The short way gives what the long way gives."""
    entry = REGISTRY[name]
    X = entry.table()
    short = entry.make().fit_transform(X)
    pd.testing.assert_frame_equal(short, entry.make().fit(X).transform(X), rtol=1e-12)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "method", ["transform", "predict", "get_feature_names_out", "score", "save"]
)
def test_nothing_answers_before_fit(name, method):
    """Each method that needs a fit says that it needs one."""
    entry = REGISTRY[name]
    model = entry.make()
    if hasattr(model, method):
        arguments = [] if method == "get_feature_names_out" else [entry.table()]
        with pytest.raises(NotFittedError):
            getattr(model, method)(*arguments)


# Copies and files


@pytest.mark.parametrize("name", EVERY)
def test_a_pickle_gives_the_same_results(name, tmp_path):
    """Through pickle, joblib and a deep copy."""
    X, model = REGISTRY[name].table(), fitted(name)
    joblib.dump(model, tmp_path / "model.joblib")
    copies = pickle.loads(pickle.dumps(model)), joblib.load(tmp_path / "model.joblib")
    for one in (*copies, copy.deepcopy(model)):
        same(results(one, X), expected_results(name), **REGISTRY[name].rounding)


@pytest.mark.parametrize("name", EVERY)
def test_a_file_gives_the_same_results(name, tmp_path):
    """What was saved and loaded answers to the last bit alike, and saves to the same file."""
    X, model = REGISTRY[name].table(), fitted(name)
    model.save(tmp_path / "model.json")
    again = custvalue.load(tmp_path / "model.json")
    assert type(again) is type(model)
    assert repr(again.get_params(deep=False)) == repr(model.get_params(deep=False))
    same(results(again, X), expected_results(name), **REGISTRY[name].rounding)
    again.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text() == (tmp_path / "model.json").read_text()


@pytest.mark.parametrize("name", EVERY)
def test_a_file_holds_no_customer_and_stays_small(name, tmp_path):
    """A few kilobytes, in which no id of the table occurs."""
    fitted(name).save(tmp_path / "model.json")
    text = (tmp_path / "model.json").read_text()
    assert len(text) < 20_000
    assert not any(f'"{label}"' in text for label in REGISTRY[name].table().index)


# Company of scikit-learn


def _nothing() -> FunctionTransformer:
    return FunctionTransformer(feature_names_out="one-to-one")


@pytest.mark.parametrize("name", EVERY)
def test_it_works_in_a_pipeline(name):
    """Behind another step and in front of one, with the same results as alone."""
    entry = REGISTRY[name]
    X = entry.table()
    alone = entry.make().fit(X)
    pipeline = make_pipeline(_nothing(), entry.make(), _nothing())
    expected = as_pandas(alone.transform(X))
    same(as_pandas(pipeline.fit_transform(X)), expected, **entry.rounding)
    last = make_pipeline(_nothing(), entry.make()).fit(X)
    same(results(last, X), results(alone, X), **entry.rounding)
    assert list(last.get_feature_names_out()) == list(alone.get_feature_names_out())


@pytest.mark.parametrize("name", ROW_BY_ROW)
def test_it_works_in_a_column_transformer(name):
    """Given its columns by name beside a step for another column."""
    entry = REGISTRY[name]
    X = entry.table().assign(other=1.0)
    both = make_column_transformer(
        (entry.make(), list(entry.columns)),
        ("passthrough", ["other"]),
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    out = both.fit_transform(X)
    assert list(out.columns) == [*entry.make().fit(X).get_feature_names_out(), "other"]
    same(as_pandas(out.drop(columns="other")), as_pandas(entry.make().fit(X).transform(X)))


@pytest.mark.parametrize("name", SCORED)
def test_it_can_be_cross_validated(name):
    """``score`` makes a model comparable on customers that it has not seen."""
    entry = REGISTRY[name]
    scores = cross_val_score(entry.make(), entry.table(), cv=KFold(2))
    assert np.isfinite(scores).all()
    if entry.grid:
        search = GridSearchCV(entry.make(), dict(entry.grid), cv=KFold(2)).fit(entry.table())
        assert set(search.best_params_) == set(entry.grid)


# Weights


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_weight_is_a_number_of_rows(name):
    """Weights 0, 1, 2, 3 are rows left out, kept, doubled and trebled; ones change nothing."""
    entry = REGISTRY[name]
    X = entry.table()
    weights = np.random.default_rng(4).integers(0, 4, len(X))
    weighted = entry.make().fit(X, sample_weight=weights)
    repeated = entry.make().fit(X.iloc[np.repeat(np.arange(len(X)), weights)])
    same(results(weighted, X), results(repeated, X), rtol=1e-5)
    ones = entry.make().fit(X, sample_weight=np.ones(len(X)))
    same(results(ones, X), expected_results(name), rtol=1e-6)


@pytest.mark.parametrize("name", WEIGHTED)
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (lambda n: np.zeros(n), "zero"),
        (lambda n: np.ones(n - 1), "sample_weight must have shape"),
        (lambda n: np.ones((n, 2)), "sample_weight must have shape"),
        (lambda n: -np.ones(n), "sample_weight must not be negative"),
        (lambda n: np.full(n, np.nan), "sample_weight"),
    ],
)
def test_bad_weights_are_refused(name, weights, message):
    """All zero, too few, too many, negative or missing weights are errors."""
    entry = REGISTRY[name]
    X = entry.table()
    with pytest.raises(ValueError, match=message):
        entry.make().fit(X, sample_weight=weights(len(X)))
