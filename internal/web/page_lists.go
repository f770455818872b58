package web

// The lists of pages that can be taken along, by their names: "download.list_" and the
// name is what people call a list.

// listColumns are the columns of lists that are made for reading: the sentences "listed.".
func listColumns() map[string]string {
	return map[string]string{
		"aged":           "rule institution since",
		"agreements":     "agreement name state schools entered_from entered_to rules unsigned",
		"applications":   "number programme_code programme institution name state planned given handed_in due",
		"attestations":   "number kind name issuer record account state when until due",
		"changes":        "course_code course change from fields rules_touched programmes_touched learners_touched flags_open who when",
		"compare":        "course",
		"consents":       "kind version guardian when withdrawn",
		"corrections":    "account about value why state when answer decided",
		"class":          "account name school_number programme_code programme entered results credits absent",
		"coverage":       "from_code from_school to_code to_school class learners courses_count evaluated unserved",
		"deadlines":      "institution share median done open overdue",
		"deciders":       "whose decided_count accepted_percent",
		"devices":        "device signed_in last_seen network here",
		"entries":        "entry kind record credits",
		"evaluations":    "rule version means state days due waits_for experts",
		"findings":       "kind rules finding owner keeper accepted_until reason",
		"flags":          "rule version institution courses",
		"flows":          "from_kind to_kind results deposited worth",
		"grants":         "whom note scope when until withdrawn",
		"idle":           "kind results credits",
		"impact":         "institution_code programme_code learners_gaining learners_losing applied_gained applied_lost transferable_gained transferable_lost",
		"imports":        "number kind state rows new unchanged updated refused when who institution_code",
		"invitations":    "name roles until",
		"learners":       "account name id_number school_number",
		"looks":          "when institution roles login what purpose",
		"messages":       "when message institution read",
		"my_corrections": "about issuer value why state when answer",
		"my_entries":     "entry when kind from_place to_place credits record",
		"oldest":         "rule means state when",
		"origins":        "whose decided_count accepted_percent",
		"overdue":        "object kind institution due",
		"pairs":          "from_code from_school to_code to_school unserved",
		"people":         "name login roles last_seen second disabled",
		"policies":       "kind about scope place from until state terms",
		"priors":         "number course_code course programme_code programme institution name credits state handed_in due",
		"proposals":      "number kind about reason state who when decided_by decided answer",
		"ranking":        "programme institution kind applied required transferable missing",
		"requests":       "course issuer target programme institution state text answer when asked_by",
		"retention":      "about days least most as_it_came",
		"suggestions":    "kind likeness course_code course issuer target_code target institution",
		"times":          "institution_code institution decided_count median_days slow_days waiting",
		"tokens":         "number name institution scopes expires state last_used who",
		"verified":       "kind handed_in_count accepted_count refused_count withdrawn_count waiting accepted_percent median_days slow_days",
		"worth":          "kind begun published turned put_aside",
	}
}

// listKinds are the kinds of files of the lists that can be brought in again.
func listKinds() map[string]string {
	return map[string]string{
		"back":         "equivalences",
		"courses":      "courses",
		"equivalences": "equivalences",
		"gives":        "equivalences",
		"holidays":     "holidays",
		"plans":        "plans",
		"programmes":   "programmes",
		"records":      "records",
		"takes":        "equivalences",
		"there":        "equivalences",
	}
}
