"""Layouts, distances, pick paths, batches and poses of a warehouse: pure, in whole millimetres.

layout_from(data, name) -> Layout             routing.layout
tour(layout, start, picks, end) -> Tour       routing.tour
  what is asked, by number                    routing.question   request, weights, users
  which solver                                routing.solve
  a sweep over the junctions, exact           routing.round      plan, sweep, frontier, aisles
  orders of stops, exact or bounded           routing.ordering   orders, held_karp, search, bounds
  seconds                                     routing.pace       timed, facing
  the site's walking rules                    routing.policies
replanned(layout, at, left, end) -> Replan    routing.replan
explained(layout, tour) -> sentences          routing.explain
batch(layout, orders, capacity) -> Batching   routing.batch
Distances, weights                            routing.graph, routing.weights
pick_pose(layout, code) -> Pose               routing.pose
"""
