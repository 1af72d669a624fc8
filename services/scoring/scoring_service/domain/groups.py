"""The eight customer groups: one entry each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    en: str
    zh: str
    recent: bool
    """High recency: bought more recently than the median customer."""
    frequent: bool
    valuable: bool

    @property
    def code(self) -> int:
        return self.recent * 4 + self.frequent * 2 + self.valuable


GROUPS = (
    Group("champions", "Champions", "重要价值客户", True, True, True),
    Group("important_to_develop", "Important to develop", "重要发展客户", True, False, True),
    Group("important_to_keep", "Important to keep", "重要保持客户", False, True, True),
    Group("important_to_win_back", "Important to win back", "重要挽留客户", False, False, True),
    Group("general_value", "General value", "一般价值客户", True, True, False),
    Group("general_to_develop", "General to develop", "一般发展客户", True, False, False),
    Group("general_to_keep", "General to keep", "一般保持客户", False, True, False),
    Group("general_to_win_back", "General to win back", "一般挽留客户", False, False, False),
)
BY_CODE = tuple(sorted(GROUPS, key=lambda group: group.code))
"""Position = `code`."""
