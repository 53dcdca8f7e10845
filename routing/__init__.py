"""Layouts, distances, pick paths and poses of a warehouse: pure, in integer millimetres.

layout_from(data, name) -> Layout             routing.layout     reading, rows, blocks, floor
tour(layout, start, picks, end) -> Tour       routing.tour
  a sweep over the junctions, exact           routing.round      plan, sweep, frontier, aisles
  Held-Karp and local search                  routing.held_karp, routing.search
Distances, weights                            routing.graph, routing.weights
pick_pose(layout, code) -> Pose               routing.pose
"""
