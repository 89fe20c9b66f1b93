package transfer

import (
	"fmt"
	"maps"
	"testing"

	"github.com/seed8935e608/residua/weights"
)

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		err    error
		why    Why
		values map[string]string
	}{
		{ErrOneClass, WhyOneClass, nil},
		{&EmptyClassError{Class: 1}, WhyEmptyClass, nil},
		{ErrOneEach, WhyOneEach, nil},
		{ErrNoValidation, WhyNoValidation, nil},
		{ErrNoPictures, WhyEmptySet, nil},
		{ErrNotFinite, WhyNotFinite, nil},
		{ErrDiverged, WhyDiverged, nil},
		{ErrOtherTraining, WhyOtherTraining, nil},
		{&FewTargetError{N: 1}, WhyFewTarget, map[string]string{"least": "2"}},
		{&MemoryError{Depth: 1, Bytes: 812_600_000, Limit: -5}, WhyTrainingMemory,
			map[string]string{"needed": "813", "limit": "0"}},
		{badLesson("there is no method"), "", nil},
	} {
		why, values := Refused(fmt.Errorf("wrapped: %w", c.err))
		if why != c.why || !maps.Equal(values, c.values) {
			t.Errorf("%v: got %q %v, want %q %v", c.err, why, values, c.why, c.values)
		}
	}
}

func TestUnreadable(t *testing.T) {
	for _, c := range []struct {
		err    error
		why    Why
		values map[string]string
	}{
		{&OtherNetworkError{Model: "a", Here: "b"}, WhyOtherNetwork, map[string]string{"model": "a", "here": "b"}},
		{errNotTaught, WhyNotTaught, nil},
		{&weights.SizeError{Size: 8, Want: 9}, WhyCutOff, nil},
		{&weights.SizeError{Size: 9, Want: 8}, WhyWeightsDamaged, nil},
		{fmt.Errorf("the file lacks the tensor %q", "fc.bias"), WhyWeightsDamaged, nil},
	} {
		why, values := Unreadable(fmt.Errorf("wrapped: %w", c.err))
		if why != c.why || !maps.Equal(values, c.values) {
			t.Errorf("%v: got %q %v, want %q %v", c.err, why, values, c.why, c.values)
		}
	}
}
