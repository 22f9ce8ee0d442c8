import pytest
from doors import DOORS


@pytest.fixture(params=list(DOORS))
def talk(request):
    """Put bytes through a door until the end of the input; get the bytes that come back."""
    return DOORS[request.param]
