from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from suite.neural.canonical import Canonical


def program(weight, scale=2.0, turns=3):
    """A function with a loop that reads and writes a variable; its trace has functions of its own."""

    def function(rows):
        @tf.custom_gradient
        def scaled(x):
            return x * scale, lambda d: d * scale

        def body(i, total):
            weight.assign_add(tf.ones_like(weight))
            return i + 1, total + tf.reduce_sum(scaled(rows) @ weight)

        return tf.while_loop(lambda i, _: i < turns, body, (0, 0.0))

    return function


def call(function, given):
    """Call a canonical function from a graph; return its name and its outputs."""
    made = []

    @tf.function(autograph=False)
    def outer(rows):
        made.append(Canonical(function, rows))
        return made[0]()

    outputs = [value.numpy() for value in outer(given)]
    return made[0].name, outputs


@pytest.fixture
def rows():
    return tf.constant(np.arange(6, dtype=np.float32).reshape(2, 3))


def name_of(X, columns=1, dtype=tf.float32, **options):
    weight = tf.Variable(tf.zeros((X.shape[1], columns), dtype))
    return Canonical(program(weight, **options), X).name


def test_a_function_computes_what_it_computes_and_changes_its_variables(rows):
    weight, plain = (tf.Variable(tf.ones((3, 1))) for _ in range(2))
    _, outputs = call(program(weight), rows)
    expected = tf.function(program(plain), autograph=False, jit_compile=True)(rows)
    np.testing.assert_array_equal(outputs, [value.numpy() for value in expected])
    np.testing.assert_array_equal(weight, np.full((3, 1), 4.0))


def test_equal_functions_have_one_name_whatever_was_traced_between_them(rows):
    def changes(variables):
        return lambda X: [variable.assign_add(tf.reduce_sum(X)) for variable in variables][-1]

    def name():
        return Canonical(changes([tf.Variable(0.0) for _ in range(9)]), rows).name

    first = name(), name_of(rows)
    tf.function(lambda x: x + 1)(rows)
    assert (name(), name_of(rows)) == first


def test_functions_of_arguments_or_variables_of_other_shapes_differ_in_name(rows):
    def name(n_rows, n_held):
        held = tf.Variable(tf.zeros(n_held))
        return Canonical(lambda X: tf.nn.relu(X) + tf.reduce_sum(held), rows[:n_rows]).name

    assert len({name(1, 4), name(2, 4), name(2, 5)}) == 3


def test_functions_that_differ_in_a_number_or_a_shape_differ_in_name(rows):
    others = [
        name_of(rows, scale=3.0),
        name_of(rows, turns=4),
        name_of(rows, columns=2),
        name_of(tf.constant(np.ones((5, 3), np.float32))),
    ]
    assert len({name_of(rows), *others}) == 5


def test_what_a_variable_holds_does_not_count(rows):
    weights = [tf.Variable(tf.fill((3, 1), value)) for value in (1.0, 5.0)]
    (first, [_, one]), (second, [_, five]) = (call(program(weight), rows) for weight in weights)
    assert first == second
    assert one < five
