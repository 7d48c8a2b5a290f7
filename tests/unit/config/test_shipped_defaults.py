"""What nobody wrote is not validated, to save the start its time; so it must need no validation."""

import pytest
from pydantic import BaseModel

import reconciler.config.model
import reconciler.profiles.model
import reconciler.scim.messages
from reconciler.config.nodes import plain
from reconciler.config.safety import Safety
from reconciler.config.shipped import shipped_defaults
from reconciler.profiles.model import GENERIC, Profile

MODULES = (
    "reconciler.config.",
    reconciler.profiles.model.__package__ or "",
    reconciler.scim.messages.__name__,
)


def models(kind: type[BaseModel] = BaseModel) -> set[type[BaseModel]]:
    """Return every model of ours that can be made of nothing."""
    found = {below for one in kind.__subclasses__() for below in models(one)}
    ours = kind.__module__.startswith(MODULES)
    if ours and not any(field.is_required() for field in kind.model_fields.values()):
        found.add(kind)
    return found


@pytest.mark.parametrize("model", sorted(models(), key=str), ids=lambda one: one.__name__)
def test_a_default_is_what_validation_makes_of_it(model: type[BaseModel]) -> None:
    made = model.model_construct()
    try:
        validated = model()
    except ValueError:
        return  # one of several must be given: nobody has it as a default

    assert validated == made
    assert model.model_validate(made.model_dump(by_alias=True)) == made
    assert model.model_validate_json(made.model_dump_json(by_alias=True)) == made


def test_nothing_is_left_out() -> None:
    found = models()

    assert {Safety, Profile, reconciler.scim.messages.ServiceProviderConfig} <= found
    assert len(found) > 25


def test_the_generic_profile_is_the_default_of_each_flag() -> None:
    assert Profile() == GENERIC


def test_the_tree_of_the_limits_is_what_the_model_says() -> None:
    assert plain(shipped_defaults()) == {"safety": Safety().model_dump(mode="json")}
