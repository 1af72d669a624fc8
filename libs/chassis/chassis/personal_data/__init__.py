"""What a service holds of people: said once for each kind of row, read for those who ask, and erased.

A service names its `Holding`s, makes the tables with `migrations.create_erasures`, puts `Forgetting` around its handler of PROFILE
and serves `PersonalDataServicer`.
"""

from chassis.personal_data.forgetting import Forgetting
from chassis.personal_data.holdings import Holding
from chassis.personal_data.servicer import PersonalDataServicer, personal_data

__all__ = ["Forgetting", "Holding", "PersonalDataServicer", "personal_data"]
