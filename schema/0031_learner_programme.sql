-- The coverage of the map counts learners by programme: from the index alone, without reading a million of them.
DROP INDEX learner_institution;
CREATE INDEX learner_programme ON learner (institution, programme);
