"""A traced function under a name that says what it computes, so that XLA knows an equal one again.

XLA knows a program by its name and its text. TensorFlow counts the functions of a process and Keras the layers, and the
counts stand in both: no two traces are equal. Here every name follows from what it names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import context  # there is no public way to add a function


class Canonical:
    """A function of tensors, traced for some arguments, to be called in another graph and compiled by XLA there.

    `name` is a digest of its operations, their order, and the shapes of what they take: arguments and variables. What
    the variables hold does not count.
    """

    def __init__(self, function: Callable[..., Any], *args: Any) -> None:
        traced = tf.function(function, autograph=False).get_concrete_function(*args)
        self._inputs = [*tf.nest.flatten(args), *traced.captured_inputs]
        self._inputs = [value for value in self._inputs if value is not None]
        self._outputs = traced.outputs
        self._functions: dict[str, Any] = {}
        library = {
            function.signature.name: function for function in traced.graph.as_graph_def().library.function
        }
        held = {id(variable.handle): variable for variable in traced.variables}
        takes = [held.get(id(value), value) for value in self._inputs]
        root = self._named(traced.function_def, library, [(str(t.dtype), str(t.shape)) for t in takes])
        root.attr["_XlaMustCompile"].b = True
        self.name: str = root.signature.name

    def __call__(self) -> tuple[Any, ...]:
        """Add a call on the arguments to the graph that is being built; return the outputs."""
        runtime, graph = context.context(), tf.compat.v1.GraphDef()
        graph.versions.producer = tf.version.GRAPH_DEF_VERSION
        call = graph.node.add(name="call", op="StatefulPartitionedCall")
        call.attr["f"].func.name = self.name
        call.attr["_XlaMustCompile"].b = True
        call.attr["Tout"].list.type.extend(value.dtype.as_datatype_enum for value in self._outputs)
        given = {}
        for i, value in enumerate(self._inputs):
            kind = value.dtype.as_datatype_enum
            graph.node.add(name=f"input{i}", op="Placeholder").attr["dtype"].type = kind
            call.input.append(f"input{i}")
            call.attr["Tin"].list.type.append(kind)
            given[f"input{i}"] = tf.compat.v1.get_default_graph().capture(value)
        for name, function in self._functions.items():
            if not runtime.has_function(name):
                runtime.add_function_def(function)
        graph.library.function.extend(self._functions.values())
        names = [f"call:{i}" for i in range(len(self._outputs))]
        outputs = tf.graph_util.import_graph_def(graph, given, names, name="")
        for output, like in zip(outputs, self._outputs, strict=True):
            output.set_shape(like.shape)
        return tuple(outputs)

    def _named(self, function: Any, library: Mapping[str, Any], takes: Any = None) -> Any:
        """Keep a function, and those that it calls, under names that follow from what they are; return it."""
        new = type(function)()
        new.CopyFrom(function)
        new.ClearField("attr")
        new.ClearField("arg_attr")
        signature = new.signature
        of: dict[str, str] = {}
        for kind, parts in (("a", signature.input_arg), ("n", new.node_def)):
            of |= {part.name: f"{kind}{i}" for i, part in enumerate(parts)}

        def renamed(tensor: str) -> str:
            mark, name = ("^", tensor[1:]) if tensor[0] == "^" else ("", tensor)
            owner, colon, rest = name.partition(":")
            return f"{mark}{of[owner]}{colon}{rest}"

        for argument in signature.input_arg:
            argument.name = of[argument.name]
            argument.ClearField("handle_data")
        for node in new.node_def:
            node.name = of[node.name]
            inputs = [renamed(tensor) for tensor in node.input]
            # What only has to come first stands last, and comes from a set.
            node.input[:] = sorted(inputs, key=lambda name: name if name[0] == "^" else "")
            node.ClearField("experimental_debug_info")
            for key in [key for key in node.attr if key[0] == "_"]:
                del node.attr[key]
            for value in node.attr.values():
                for called in [value.func, *value.list.func]:
                    if called.name in library:
                        called.name = self._named(library[called.name], library).signature.name
        results = {result.name: f"r{i}" for i, result in enumerate(signature.output_arg)}
        for result in signature.output_arg:
            result.name = results[result.name]
        returned = {results[name]: renamed(tensor) for name, tensor in new.ret.items()}
        done = sorted({of[name] for name in new.control_ret.values()})
        new.ret.clear()
        new.ret.update(returned)
        new.control_ret.clear()
        new.control_ret.update({name: name for name in done})
        signature.control_output[:] = done
        signature.name = ""
        text = new.SerializeToString(deterministic=True) + repr(takes).encode()
        signature.name = f"program_{hashlib.sha256(text).hexdigest()[:40]}"
        self._functions[signature.name] = new
        return new
