package train

import "math"

// Decay is how a rate falls.
type Decay string

// The ways in which a rate falls from Schedule.Rate.
const (
	DecayCosine   Decay = "cosine"   // to 0 along half a cosine (Loshchilov and Hutter 2017)
	DecayStep     Decay = "step"     // to a tenth, a hundredth after 1/2, 3/4 of the steps (He et al. 2016)
	DecayConstant Decay = "constant" // not at all
)

// A Schedule is how large a training's steps are.
type Schedule struct {
	Rate   float64 // the largest
	Warmup int     // of so many steps at first, the i-th has only the part i/Warmup of its rate
	Decay  Decay   // "" is DecayCosine
}

// At is the rate of a step, from 0, of so many.
func (s Schedule) At(step, steps int) float64 {
	rate, done := s.Rate, float64(step)/float64(steps)
	switch s.Decay {
	case DecayConstant:
	case DecayStep:
		if done >= 0.75 {
			rate /= 100
		} else if done >= 0.5 {
			rate /= 10
		}
	default:
		rate *= (1 + math.Cos(math.Pi*done)) / 2
	}
	if step < s.Warmup {
		rate *= float64(step+1) / float64(s.Warmup)
	}
	return rate
}

func (s Schedule) check() bool {
	switch s.Decay {
	case "", DecayCosine, DecayStep, DecayConstant:
		return s.Rate > 0 && finite(s.Rate) && s.Warmup >= 0
	}
	return false
}
