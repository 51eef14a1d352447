"""From images and ECSs to the candidates that `check` evaluates: one for each image with each ECS.

The only place outside of the readers that knows a candidate to have an image and an ECS.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from imagefit.errors import InputError, few
from imagefit.facts import Origin, OriginKind, Value
from imagefit.readers import Kind, Record
from imagefit.rulepack.pack import Pack
from imagefit.sources.meant import meant_by
from imagefit.sources.spelling import OPTIONS, Spelling
from imagefit.sources.subjects import Subject
from imagefit.supply import joined_facts
from imagefit.values import dataclass, replace

__all__ = ["Candidate", "candidates_of", "not_looked_at"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing to evaluate: its facts, where they came from, and the image and the ECS that they are of.

    `is_beside_others` says that images are given of which none is that of the ECS.
    """

    facts: Mapping[str, Value]
    origins: Mapping[str, Origin]
    image: Subject | None
    ecs: Subject | None
    spelling: Spelling = OPTIONS
    is_beside_others: bool = False

    @property
    def key(self) -> str:
        """The keys of the image and the ECS: ``5f2c... x c7n.large.2``; a planned change's is its address."""
        if self.ecs is not None and self.ecs.record.stands_alone:
            return self.ecs.record.key
        return " x ".join(subject.record.key for subject in (self.image, self.ecs) if subject is not None)

    @property
    def lasting_name(self) -> str:
        """What to call it from run to run: as `key`, but by their facts what has nothing but the number of a row."""
        if self.ecs is not None and self.ecs.record.stands_alone:
            return self.ecs.record.key
        records = [subject.record for subject in (self.image, self.ecs) if subject is not None]
        is_named = [record.id or record.name or not record.key.isdigit() for record in records]
        if records and all(is_named):
            return self.key

        from imagefit.verdicts.baseline import name_of_facts

        names = [r.key if named else name_of_facts(r.facts) for r, named in zip(records, is_named, strict=True)]
        return " x ".join(names) or name_of_facts(self.facts)

    @property
    def subjects(self) -> list[tuple[str, str]]:
        """What to call the parts of the candidate, for a report."""
        named = [("image", str(self.image))] if self.image is not None else []
        if self.ecs is None:
            return named
        record = self.ecs.record
        if record.image_ref and record.kind is Kind.REQUEST and self.image is None:
            said = "plan" if record.stands_alone else "request"
            named.append(("image", f"{record.image_ref}, of which the {said} says no more"))
        return [*named, ("planned" if record.stands_alone else "ecs", str(self.ecs))]

    def notes(self, operation: str, pack: Pack) -> tuple[str, ...]:
        """Return what a person should know of how the image and the ECS came together, and which of them is idle."""
        subjects = [each for each in (self.image, self.ecs) if each is not None and not each.record.stands_alone]
        found = [note for each in subjects for note in not_looked_at(each, each.record.facts, operation, pack)]
        if self.ecs is None or self.ecs.record.kind is not Kind.REQUEST:
            return tuple(found)
        if self.ecs.record.later:
            found.append(f"known after apply: {', '.join(self.ecs.record.later)}")
        wanted, flavor = self.ecs.record.image_ref, self.ecs.record.flavor_ref
        if flavor is not None and not self.ecs.is_completed:
            way = self.spelling.option("ecs")
            said = "plan" if self.ecs.record.stands_alone else "request"
            found.append(f"the {said} says nothing of flavor {flavor} but its id: give a list of flavors as {way}, too")
        if wanted is not None and self.is_beside_others:
            found.append(f"image {wanted} is not among those that are given")
        if wanted is None and self.image is not None and not self.ecs.record.stands_alone:
            found.append("the request names no image: it is checked with the one that is given")
        if self.image is not None and wanted not in (None, self.image.record.id, self.image.record.name):
            found.append(f"the request names another image: {wanted}")
        return tuple(found)

    @property
    def asking(self) -> Subject | None:
        """The request, or the row of a facts file, that asks for an operation."""
        return next((subject for subject in (self.ecs, self.image) if subject and subject.record.operation), None)

    @property
    def operation(self) -> str | None:
        """The operation that is asked for."""
        return None if self.asking is None else self.asking.record.operation


def not_looked_at(what: object, facts: Collection[str], operation: str, pack: Pack) -> list[str]:
    """Say that no rule of an operation looks at any of the facts of a thing: it changes nothing."""
    looked_at = {name for rule in pack.rules_for(operation) for name in rule.facts}
    return [f"no rule of {operation} looks at any fact of {what}"] if facts and looked_at.isdisjoint(facts) else []


def candidates_of(
    images: Sequence[Subject], ecss: Sequence[Subject], given: Mapping[str, Value], spelling: Spelling = OPTIONS
) -> list[Candidate]:
    """Return a candidate for each image with each ECS; given facts count before read ones.

    A request is paired with the image that it names; with another one only if that was picked on purpose.

    Raises
    ------
    InputError
        If an image and an ECS say different things of one fact, or a request names an image that is not
        among those given.
    """
    fitting = [(ecs, _images_for(ecs, images, spelling)) for ecs in ecss or (None,)]
    if any(ecs.record.stands_alone for ecs in ecss):
        return [
            replace(_candidate(image, ecs, given, spelling), is_beside_others=image is None and bool(images))
            for ecs, named in fitting
            for image in named[:1] or (None,)
        ]
    return [
        _candidate(image, ecs, given, spelling)
        for image in images or (None,)
        for ecs, named in fitting
        if image is None or named is images or any(image is one for one in named)
    ]


def _images_for(ecs: Subject | None, images: Sequence[Subject], spelling: Spelling) -> Sequence[Subject]:
    if ecs is not None and ecs.record.stands_alone:
        wanted = ecs.record.image_ref
        by_id = [image for image in images if wanted and image.record.id == wanted]
        by_name = [image for image in images if wanted and image.record.name == wanted]
        return meant_by(by_id or by_name, ecs, "an image")
    if ecs is None or ecs.record.kind is not Kind.REQUEST or ecs.record.image_ref is None or not images:
        return images
    named = [image for image in images if image.record.id == ecs.record.image_ref]
    if named or all(image.is_picked or not image.record.id for image in images):
        return named or images
    message = "the request names an image that is not among those given"
    ids = list(dict.fromkeys(image.record.id for image in images if image.record.id))
    expected = f"{few(ids) or f'one of {len(ids)} images'}; or, to check another one on purpose, {spelling.picked}"
    raise InputError(message, file=ecs.file, value=ecs.record.image_ref, expected=expected)


def _is_assumed(record: Record, name: str) -> bool:
    return name in record.origins and record.origins[name].kind is OriginKind.ASSUMED


def _candidate(image: Subject | None, ecs: Subject | None, given: Mapping[str, Value], spelling: Spelling) -> Candidate:
    stated: list[Mapping[str, Value]] = []
    origins: dict[str, Origin] = {}
    for record in (subject.record for subject in (image, ecs) if subject is not None):
        known = set().union(*stated)
        stated.append({n: v for n, v in record.facts.items() if n not in known or not _is_assumed(record, n)})
        origins = {**record.origins, **origins}
    facts = joined_facts(stated, given, spelling.fact) | dict(given)
    origins |= {name: Origin(OriginKind.GIVEN, spelling.facts) for name in given}
    return Candidate(facts, origins, image, ecs, spelling)
