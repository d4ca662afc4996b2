"""The arithmetic of the expert review: scores, ranks, amounts, conflicts, assignment, panels. All pure."""
