from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "earning"))
sys.path.insert(0, str(Path(__file__).parents[1] / "vouchers"))

from campaign_world import CampaignWorld

from bridge.db import Database


@pytest.fixture
def shops(database: Database) -> CampaignWorld:
    return CampaignWorld(database)
