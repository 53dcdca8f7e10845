"""OR-Tools on a table of distances: what a user would take instead, with and without time."""

from collections.abc import Sequence
from graphlib import TopologicalSorter

from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.sat.python import cp_model

FAR = 1 << 40
Table = Sequence[Sequence[int]]
Pairs = Sequence[tuple[int, int]]


def shortest(table: Table, before: Pairs, seconds: float) -> int:
    """The length of a way from 0 through all to the last place; 0 when none was found in time.

    before: (i, j), place i is visited before place j. seconds: of guided local search after the
    first solution and its improvement; 0 for these alone.
    """
    last = len(table) - 1
    manager = pywrapcp.RoutingIndexManager(last + 1, 1, [0], [last])
    model = pywrapcp.RoutingModel(manager)
    costs = [[min(cost, FAR) for cost in row] for row in table]
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(costs))
    if before:
        _in_order(model, manager, before, last)
    how = pywrapcp.DefaultRoutingSearchParameters()
    if seconds:
        search = routing_enums_pb2.LocalSearchMetaheuristic
        how.local_search_metaheuristic = search.GUIDED_LOCAL_SEARCH
        how.time_limit.FromMilliseconds(round(seconds * 1000))
    if not before:
        found = model.SolveWithParameters(how)
    else:  # its own first solutions do not find one that obeys
        model.CloseModelWithParameters(how)
        sorter = TopologicalSorter({k: [i for i, j in before if j == k] for k in range(1, last)})
        first = model.ReadAssignmentFromRoutes([[*sorter.static_order()]], True)
        found = model.SolveFromAssignmentWithParameters(first, how)
    return int(found.ObjectiveValue()) if found else 0


def _in_order(
    model: pywrapcp.RoutingModel,
    manager: pywrapcp.RoutingIndexManager,
    before: Pairs,
    last: int,
) -> None:
    model.AddConstantDimension(1, last, True, "place")
    place = model.GetDimensionOrDie("place")
    for i, j in before:
        sooner, later = (place.CumulVar(manager.NodeToIndex(k)) for k in (i, j))
        model.solver().Add(sooner <= later)


def proved(table: Table, before: Pairs, seconds: float, known: int) -> tuple[int, int]:
    """By CP-SAT: a length of at most `known`, and a bound below which there is none."""
    model, last = cp_model.CpModel(), len(table) - 1
    rank = [model.new_int_var(0, last, f"rank{i}") for i in range(last + 1)]
    used = {
        (i, j): model.new_bool_var(f"{i}-{j}")
        for i in range(last)
        for j in range(1, last + 1)
        if i != j and table[i][j] < FAR
    }
    for (i, j), arc in used.items():
        model.add(rank[j] == rank[i] + 1).only_enforce_if(arc)
    home = (last, 0, model.new_constant(1))
    model.add_circuit([home, *((i, j, arc) for (i, j), arc in used.items())])
    for i, j in before:
        model.add(rank[i] < rank[j])
    length = sum(table[i][j] * arc for (i, j), arc in used.items())
    model.add(length <= known)
    model.minimize(length)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    solver.solve(model)
    return round(solver.objective_value), round(solver.best_objective_bound)
