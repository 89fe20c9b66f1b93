package transfer

import (
	"fmt"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// A Method is a way to teach a network new classes.
type Method string

// The methods of Teach.
const (
	// MethodClassMeans trains nothing: a picture is of the class whose mean features are nearest. See NewClassMeans.
	MethodClassMeans Method = "class-means"
	// MethodHead trains a linear classifier on the frozen features. See TrainHead.
	MethodHead Method = "head"
	// MethodLastBlock trains such a classifier, and then the last residual blocks with it. See Tuner.
	MethodLastBlock Method = "last-block"
	// MethodScratch trains a small network that knows nothing but these pictures. It is there to be compared with. See
	// Scratch.
	MethodScratch Method = "scratch"
)

// A Lesson is what Teach is to learn: N pictures with their classes, and how.
type Lesson struct {
	Method  Method
	Model   string   // the name of the network that computed the features
	Classes []string // their names
	Labels  []int    // N: the class of each picture, an index into Classes
	Sides   []Side   // N: Training, Validation or Test; see Split

	// DHashes are the pictures' DifferenceHash, N: by these and their features, pictures that are nearly the same are
	// found, as FindDuplicates does. Such pictures count as one where a threshold is learnt. nil: all are different.
	DHashes []uint64
	// Groups, N numbers, takes the place of DHashes where it is not nil: pictures with the same number are nearly the
	// same. A lesson on Blocks needs it, since an early block's means are alike for pictures that are not. See
	// NearlySame.
	Groups []int

	// Augmentations is how many altered variants come with each picture. The first of them is always the mirror image.
	// With augmentations the network learns from all variants, and answers by the mean of the features of a picture and
	// its mirror image (test-time augmentation). A test picture teaches nothing, so it comes with its mirror image
	// alone.
	Augmentations int

	// D is the number of features, and Features are Rows()×D: for each picture a row for itself and one for each of its
	// augmentations. MethodScratch needs neither.
	D        int
	Features []float32

	// Blocks are those whose means the features are, one block after the other, in ascending order, so that D is the
	// sum of their channels; nil: the network's own features. Only MethodClassMeans and MethodHead take them.
	Blocks []int

	// Last are the network's last blocks, which are trained, from input to output: one, two, or those of the last
	// stage. Inputs writes the input of the first of them for a row of Features to dst; the same row must always give
	// the same numbers. Only MethodLastBlock needs them.
	Last   []resnet.BlockWeights
	Inputs func(dst []float32, row int)
	// Reread, if not nil, gives Last once more, for the refit. So Teach need not keep where the training began.
	Reread func() []resnet.BlockWeights
	// Memory is the most bytes that training Last may take; 0 is no limit. More than that is a MemoryError, before
	// anything is computed. Where there is no room for a checkpoint beside it (see TuningMemory), there is none; with
	// Save it takes none.
	Memory int64

	// Small are the pictures themselves for MethodScratch: N × ScratchSize × ScratchSize × 3 bytes.
	Small []byte

	// NoMirror says that the mirror image of a picture may be of another class, as that of an arrow to the left is.
	// MethodScratch, which else mirrors pictures at random, then does not. For the other methods Augmentations decide.
	NoMirror bool

	Epochs int    // of gradient descent; 0 is the default of the method
	Seed   uint64 // of gradient descent
	// Checkpoint is the state that a stopped or interrupted training by gradient descent left; nil starts from the
	// beginning. MethodClassMeans and MethodHead leave none and take none.
	Checkpoint []byte
	// Save, if not nil, is given the state of a stopped training in place of Report.Checkpoint. It has to write it
	// before it returns. Written somewhere else, it takes hardly any memory here.
	Save func(*weights.FloatFile) error

	// Compute, if not nil, runs each piece of work that uses the kernels. It may run a piece again that has panicked:
	// every piece either starts over or goes on where it was, with the same result.
	Compute func(work func())
}

// An ArgumentError says that a Lesson or an Adaptation is not put together as it should be. It is not about the
// pictures in it.
type ArgumentError struct{ Reason string }

func (e *ArgumentError) Error() string { return "transfer: " + e.Reason }

func badLesson(format string, args ...any) error { return &ArgumentError{fmt.Sprintf(format, args...)} }

// Rows is how many rows Features has.
func (l *Lesson) Rows() int {
	rows := 0
	for _, side := range l.Sides {
		rows += l.variants(side)
	}
	return rows
}

// FirstRows gives the row of Features that is each picture's own, N.
func (l *Lesson) FirstRows() []int {
	first, row := make([]int, len(l.Sides)), 0
	for i, side := range l.Sides {
		first[i] = row
		row += l.variants(side)
	}
	return first
}

// variants is how many rows of Features a picture of a side has.
func (l *Lesson) variants(side Side) int {
	if side == Test {
		return 1 + min(l.Augmentations, 1)
	}
	return 1 + l.Augmentations
}

// averaged is how many variants of a picture an answer goes by: the picture, and with augmentations its mirror image.
func (l *Lesson) averaged() int { return 1 + min(l.Augmentations, 1) }

// check says what is wrong with the lesson, in an ArgumentError.
func (l *Lesson) check() error {
	n := len(l.Labels)
	if n == 0 || len(l.Sides) != n || l.Augmentations < 0 || l.Epochs < 0 {
		return badLesson("labels and sides need one number for each picture, and augmentations and epochs " +
			"may not be negative")
	}
	for i, side := range l.Sides {
		if side < Training || side > Test || l.Labels[i] < 0 || l.Labels[i] >= len(l.Classes) {
			return badLesson("picture %d has the class %d and the side %d", i, l.Labels[i], side)
		}
	}
	if l.DHashes != nil && len(l.DHashes) != n {
		return badLesson("there are %d difference hashes for %d pictures", len(l.DHashes), n)
	}
	if l.Groups != nil && len(l.Groups) != n {
		return badLesson("there are %d numbers of groups for %d pictures", len(l.Groups), n)
	}
	if l.Checkpoint != nil && (l.Method == MethodClassMeans || l.Method == MethodHead) {
		return badLesson("a training with the method %q cannot be resumed; leave out the checkpoint", l.Method)
	}
	if len(l.Blocks) > 0 && (l.Method == MethodLastBlock || l.Method == MethodScratch) {
		return badLesson("the method %q cannot learn from chosen blocks; %q and %q can", l.Method, MethodClassMeans,
			MethodHead)
	}
	if err := checkBlocks(l.Blocks); err != nil {
		return badLesson("the blocks are %v: %v", l.Blocks, err)
	}
	switch l.Method {
	case MethodScratch:
		if len(l.Small) != n*smallPixels {
			return badLesson("small has %d numbers, want %d × %d", len(l.Small), n, smallPixels)
		}
		return nil
	case MethodLastBlock:
		if len(l.Last) == 0 || l.Inputs == nil {
			return badLesson("the last block and its inputs are missing")
		}
		channels := l.Last[0].In.C
		for i := range l.Last {
			n := len(l.Last[i].Residual)
			if n == 0 || l.Last[i].In.C != channels {
				return badLesson("the last blocks do not follow each other")
			}
			channels = l.Last[i].Residual[n-1].Spec.Out
		}
		if channels != l.D {
			return badLesson("the last block does not compute %d features", l.D)
		}
	case MethodClassMeans, MethodHead:
	default:
		return badLesson("there is no method %q", l.Method)
	}
	if l.D < 1 || len(l.Features) != l.Rows()*l.D {
		return badLesson("features has %d numbers, want %d × %d", len(l.Features), l.Rows(), l.D)
	}
	return nil
}
