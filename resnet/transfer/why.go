package transfer

import (
	"errors"
	"strconv"

	"github.com/seed8935e608/residua/weights"
)

// Why says for programs what is wrong, so that they can say it in their own language.
type Why string

// Why nothing can be taught or found out, with the keys of the values.
const (
	WhyOneClass       Why = "one-class"       // none
	WhyEmptyClass     Why = "empty-class"     // none
	WhyOneEach        Why = "one-each"        // none
	WhyNoValidation   Why = "no-validation"   // none
	WhyNoPictures     Why = "no-pictures"     // none
	WhyEmptySet       Why = "empty-set"       // none
	WhyNoSource       Why = "no-source"       // none
	WhyFewTarget      Why = "few-target"      // least
	WhyNotFinite      Why = "not-finite"      // none
	WhyDiverged       Why = "diverged"        // none
	WhyOtherTraining  Why = "other-training"  // none
	WhyTrainingMemory Why = "training-memory" // needed, limit
	WhyMemory         Why = "memory"          // needed, limit
	WhyNoLastBlock    Why = "no-last-block"   // none
	WhyNoNorms        Why = "no-norms"        // none
)

// Why a file with weights cannot be used, with the keys of the values.
const (
	WhyNoFile         Why = "no-file"         // none
	WhyTooLarge       Why = "too-large"       // largest
	WhyNoWeights      Why = "no-weights"      // bytes
	WhyNotTaught      Why = "not-taught"      // none
	WhyOtherNetwork   Why = "other-network"   // model, here
	WhyCutOff         Why = "cut-off"         // none
	WhyWeightsDamaged Why = "weights-damaged" // none
)

// An OtherNetworkError says that something was taught on another network than the one that is here.
type OtherNetworkError struct{ Model, Here string }

func (e *OtherNetworkError) Error() string {
	return "it was taught on the network " + strconv.Quote(e.Model) + ", and " + strconv.Quote(e.Here) + " is here"
}

// errNotTaught says that a file is sound and holds weights of another program.
var errNotTaught = errors.New("the file holds weights, but none that Residua has taught")

// Refused says why nothing can be learnt, by an error of Teach, Probe, Distance or Adapt, with the values of the
// reason. Of other errors it is empty.
func Refused(err error) (why Why, values map[string]string) {
	var empty *EmptyClassError
	var few *FewTargetError
	var memory *MemoryError
	for _, known := range []struct {
		err error
		why Why
	}{
		{ErrOneClass, WhyOneClass}, {ErrOneEach, WhyOneEach}, {ErrNoValidation, WhyNoValidation},
		{ErrNoPictures, WhyEmptySet}, {ErrNotFinite, WhyNotFinite}, {ErrDiverged, WhyDiverged},
		{ErrOtherTraining, WhyOtherTraining},
	} {
		if errors.Is(err, known.err) {
			return known.why, nil
		}
	}
	switch {
	case errors.As(err, &empty):
		return WhyEmptyClass, nil
	case errors.As(err, &few):
		return WhyFewTarget, map[string]string{"least": strconv.Itoa(MinTarget)}
	case errors.As(err, &memory):
		return WhyTrainingMemory, MemoryValues(memory.Bytes, memory.Limit)
	}
	return "", nil
}

// MemoryValues gives the values of WhyTrainingMemory and WhyMemory, for numbers of bytes.
func MemoryValues(needed, limit int64) map[string]string {
	const mb = 1_000_000
	return map[string]string{
		"needed": strconv.FormatInt((needed+mb/2)/mb, 10), "limit": strconv.FormatInt((max(limit, 0)+mb/2)/mb, 10),
	}
}

// Unreadable says why a file with weights cannot be used, by an error of DecodeTaught or FromNetwork, with the values
// of the reason.
func Unreadable(err error) (why Why, values map[string]string) {
	var other *OtherNetworkError
	var size *weights.SizeError
	switch {
	case errors.As(err, &other):
		return WhyOtherNetwork, map[string]string{"model": other.Model, "here": other.Here}
	case errors.Is(err, errNotTaught):
		return WhyNotTaught, nil
	case errors.As(err, &size) && size.Size < size.Want:
		return WhyCutOff, nil
	}
	return WhyWeightsDamaged, nil
}
