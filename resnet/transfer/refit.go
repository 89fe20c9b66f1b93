package transfer

// This file is the second half of a training by gradient descent, if SGDOptions.Refit asks for it.

// refits tells whether there is a refit, now or later.
func (t *training) refits() bool { return t.options.Refit && len(t.validation.Labels) > 0 }

// startRefit puts everything back to where it was before the first step, but for the best weights and the history.
func (t *training) startRefit() {
	t.trainer = nil // before what it takes is taken once more
	for i, p := range t.all() {
		if t.start[i] != nil {
			copy(p.Value, t.start[i])
		}
	}
	if t.restart != nil {
		t.restart()
	}
	t.refit, t.epoch = true, 0
	t.trainer = t.newTrainer()
}

// pictures are those that are learnt from now.
func (t *training) pictures() Pictures {
	if t.refit {
		return t.both
	}
	return t.train
}

// epochs is how many epochs the training that is on now has at most.
func (t *training) epochs() int {
	if t.refit {
		return t.best + 1
	}
	return t.options.Epochs
}

// progress is how many steps are done, and how many there are at most. What early stopping saves counts as done.
func (t *training) progress() (done, total int) {
	o := t.options
	total = o.Epochs * o.batches(t.train)
	if t.refits() {
		total += o.Epochs * o.batches(t.both)
	}
	done = t.trainer.Steps()
	if t.refit {
		done += total - t.epochs()*t.batches()
	}
	return done, total
}

// refitted tells whether the refit is through.
func (t *training) refitted() bool { return t.refit && t.done && t.epoch == t.epochs() }

const badVariants = "transfer: for a refit the pictures to train on and those to validate with have as many variants"

// joined is the pictures of a, and then those of b.
func joined(a, b Pictures) Pictures {
	if max(a.Variants, 1) != max(b.Variants, 1) {
		panic(badVariants)
	}
	n := len(a.Labels)
	return Pictures{
		Labels:   append(append(make([]int, 0, n+len(b.Labels)), a.Labels...), b.Labels...),
		Variants: a.Variants,
		Read: func(dst []float32, i, variant int) {
			if i < n {
				a.Read(dst, i, variant)
			} else {
				b.Read(dst, i-n, variant)
			}
		},
	}
}
