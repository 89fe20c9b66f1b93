package transfer

// NewClassMeans gives the simplest classifier on features, a baseline: the class whose mean has the largest cosine with
// them (Rocchio's; in few-shot learning "nearest centroid"). Up to the features' own length, which is the same for all
// classes, that is linear: the rows of W are the means at unit length. Its probabilities mean nothing before Calibrate.
func NewClassMeans(e Examples) (*Head, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	return NewHead(unitVectors(classMeans(e), e.D), make([]float32, e.Classes), e.D), nil
}
