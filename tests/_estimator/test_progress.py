from custvalue._estimator.progress import tracked


def test_without_progress_nothing_is_printed(capsys):
    """The items come as they are."""
    items = [3, 1, 2]
    assert tracked(items, "work", progress=False) is items
    assert capsys.readouterr() == ("", "")


def test_with_progress_the_same_items_come_in_the_same_order():
    """A bar is drawn beside them, also for items of unknown number."""
    assert list(tracked([3, 1, 2], "work", progress=True)) == [3, 1, 2]
    assert list(tracked(iter("ab"), "work", progress=True)) == ["a", "b"]
