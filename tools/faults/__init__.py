"""Faults as data: plans that can be printed, read back and replayed, and what makes them happen."""

from tla_sim.tools.faults.plan import Fault, FaultPlan, PlanMalformed

__all__ = ["Fault", "FaultPlan", "PlanMalformed"]
