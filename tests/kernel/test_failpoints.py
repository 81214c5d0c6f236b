import pytest

from marketplace.kernel import failpoints

failpoints.declare("test.first", "test.second")


class Crash(Exception):
    pass


def test_nothing_happens_where_nothing_is_armed():
    failpoints.reach("test.first")


def test_a_point_raises_at_the_nth_time_and_once():
    with failpoints.armed("test.first", Crash, nth=2) as point:
        failpoints.reach("test.second")
        failpoints.reach("test.first")
        with pytest.raises(Crash):
            failpoints.reach("test.first")
        failpoints.reach("test.first")
    assert point.reached == 3
    failpoints.reach("test.first")


def test_a_point_raises_the_given_error_or_calls():
    error = Crash("here")
    with failpoints.armed("test.first", error), pytest.raises(Crash, match="here"):
        failpoints.reach("test.first")
    called = []
    with failpoints.armed("test.first", lambda: called.append(1)):
        failpoints.reach("test.first")
    assert called == [1]


def test_arming_inside_arming_gives_back_what_was_armed():
    with failpoints.armed("test.first", Crash) as outer:
        with failpoints.armed("test.first", Crash, nth=9):
            failpoints.reach("test.first")
        with pytest.raises(Crash):
            failpoints.reach("test.first")
    assert outer.reached == 1


def test_undeclared_points_are_slips():
    assert {"test.first", "test.second"} <= set(failpoints.names())
    with pytest.raises(failpoints.UnknownFailpoint), failpoints.armed("test.frist", Crash):
        pass
    with failpoints.armed("test.first", Crash), pytest.raises(failpoints.UnknownFailpoint):
        failpoints.reach("test.unheard_of")
