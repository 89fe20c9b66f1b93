//go:build !js

package transfer_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/seed8935e608/residua/resnet/transfer"
)

// features stands for resnet.Model.Forward: it gives a network's features of picture i of a class.
func features(class, i int) []float32 {
	r := rand.New(rand.NewPCG(uint64(1000*class+i), 1))
	x := make([]float32, 16)
	for j := range x {
		x[j] = float32(max(0, r.NormFloat64()))
	}
	x[class] += 4 // which makes the classes easy to tell apart
	return x
}

// From pictures' features to a calibrated classifier that knows what is none of its classes, and to an honest
// judgement: by test pictures, which have taught nothing and chosen nothing. The validation pictures have chosen the
// strength of the penalty, the temperature and the threshold.
func Example() {
	lesson := transfer.Lesson{Method: transfer.MethodHead, Classes: []string{"cat", "dog", "hen"}, D: 16}
	var items []transfer.Item
	for class, name := range lesson.Classes {
		for i := range 20 {
			lesson.Features = append(lesson.Features, features(class, i)...)
			lesson.Labels = append(lesson.Labels, class)
			items = append(items, transfer.Item{ID: fmt.Sprintf("%s%d.jpg", name, i), Label: class})
		}
	}
	lesson.Sides = transfer.Split(items, 0.25, 1)
	for class := range lesson.Classes {
		for i := range 20 {
			lesson.Features = append(lesson.Features, features(class, 20+i)...)
			lesson.Labels = append(lesson.Labels, class)
			lesson.Sides = append(lesson.Sides, transfer.Test)
		}
	}

	iterations := 0
	report, err := transfer.Teach(context.Background(), lesson, func(p transfer.Progress) bool {
		if p.Phase == transfer.PhaseFit {
			iterations++
		}
		return true // false would stop here, and keep what was learnt so far
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	a := report.Test.Confusion.Accuracy()
	fmt.Printf("accuracy %d of %d, between %.0f and %.0f %%\n", a.K, a.N, 100*a.Low, 100*a.High)

	head := report.Taught.Head
	fmt.Println("fitted step by step:", iterations > 10)
	fmt.Println("calibrated:", head.Temperature == report.Temperature)
	fmt.Printf("95 of 100 new pictures of the classes, or more, are like these: %.0f %% sure\n",
		100*head.Threshold.Confidence(0.95))

	dog := head.Predict(features(1, 99))[0]
	fmt.Printf("a new dog: %s, more than 90 %% sure: %t\n", lesson.Classes[dog.Class],
		dog.Probabilities[dog.Class] > 0.9)
	fmt.Println("something else:", head.Predict(features(7, 0))[0].Class == transfer.None)
	// Output:
	// accuracy 60 of 60, between 94 and 100 %
	// fitted step by step: true
	// calibrated: true
	// 95 of 100 new pictures of the classes, or more, are like these: 95 % sure
	// a new dog: dog, more than 90 % sure: true
	// something else: true
}

// Where in a network is a task solved? A linear classifier on each block's means says so; here one block knows nothing
// of the classes.
func ExampleProbe() {
	early := func(dst []float32, row int) { copy(dst, features(5, row)) }
	late := func(dst []float32, row int) { copy(dst, features(row%3, row)) }
	p := transfer.Probing{Classes: 3, Seed: 1}
	for i := range 60 {
		p.Labels, p.Sides = append(p.Labels, i%3), append(p.Sides, transfer.Training)
	}
	for block, read := range []func(dst []float32, row int){early, late} {
		p.Rows = transfer.Rows{D: 16, Read: read}
		probed, err := transfer.Probe(context.Background(), p, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		a := probed.Accuracy
		fmt.Printf("block %d: more than 90 %% right: %t, by chance: %t\n",
			block, a.Low > 0.9, a.Low < 1./3 && a.High > 1./3)
	}
	// Output:
	// block 0: more than 90 % right: false, by chance: true
	// block 1: more than 90 % right: true, by chance: false
}

// How far apart are last week's pictures and today's, as the network sees them?
func ExampleDistance() {
	lastWeek := transfer.Rows{D: 16, Read: func(dst []float32, row int) { copy(dst, features(0, row)) }}
	today := transfer.Rows{D: 16, Read: func(dst []float32, row int) { copy(dst, features(0, 100+row)) }}
	elsewhere := transfer.Rows{D: 16, Read: func(dst []float32, row int) { copy(dst, features(1, row)) }}
	for _, other := range []transfer.Rows{today, elsewhere} {
		gap, err := transfer.Distance(context.Background(), lastWeek, 60, other, 60, transfer.DistanceOptions{}, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(gap.Verdict, gap.P <= 0.01, gap.Proxy > 1.5)
	}
	// Output:
	// same false false
	// far true true
}

// Was fine-tuning worth it? The two methods answer the same test pictures.
func ExampleCompareMethods() {
	labels := make([]int, 200) // all of class 0
	frozen, tuned := make([]int, 200), make([]int, 200)
	for i := range 70 {
		frozen[i] = 1
	}
	for i := range 45 {
		tuned[i+8] = 1
	}
	c := transfer.CompareMethods(labels, frozen, tuned)
	fmt.Printf("%.1f %% instead of %.1f %%: %+.1f, between %+.1f and %+.1f: it %s\n",
		100*c.Other.Mid, 100*c.Base.Mid, 100*c.Difference, 100*c.Low, 100*c.High, c.Verdict)
	// Output:
	// 77.5 % instead of 65.0 %: +12.5, between +8.0 and +17.0: it helps
}

// Training can be stopped after any step, and goes on where it was.
func ExampleHeadTrainer() {
	pictures := transfer.Examples{D: 16, Classes: 2}
	for i := range 10 {
		pictures.X = append(pictures.X, features(i%2, i)...)
		pictures.Labels = append(pictures.Labels, i%2)
	}
	trainer, err := transfer.NewHeadTrainer(pictures, transfer.Examples{}, transfer.HeadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = trainer.Run(ctx, func(s transfer.HeadStep) {
		if s.Iteration == 2 {
			cancel()
		}
	})
	fmt.Println(err, trainer.Done(), trainer.Head() != nil)
	fmt.Println(trainer.Run(context.Background(), nil), trainer.Done())
	// Output:
	// context canceled false true
	// <nil> true
}

// Photos of another camera, whose labels nobody knows: which way to adapt to them is chosen without any.
func ExampleAdapt() {
	learnt := transfer.Examples{D: 16, Classes: 3}
	var others []float32
	for i := range 90 {
		learnt.X = append(learnt.X, features(i%3, i)...)
		learnt.Labels = append(learnt.Labels, i%3)
		for j, v := range features(i%3, 100+i) {
			if j == 0 { // as all of its pictures have, whatever is in them
				v += 8
			}
			others = append(others, v)
		}
	}
	adapted, err := transfer.Adapt(context.Background(), transfer.Adaptation{Source: learnt, Target: others}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the domains differ:", adapted.Gap, "- chosen:", adapted.Chosen)

	// As it was taught, it hardly finds some classes there. Only somebody who knows that they are there can choose.
	fmt.Println("missing classes:", adapted.Missing, "- if they come:", adapted.IfAllCome != transfer.AdaptNone)

	// Labels that turn up later only judge.
	adapted.Judge(learnt.Labels, nil)
	for _, m := range adapted.Methods {
		if m.Method == adapted.IfAllCome {
			fmt.Println("nearly all are right:", m.Accuracy.K > 80, "- it", m.Against.Verdict)
		}
	}
	// Output:
	// the domains differ: true - chosen: none
	// missing classes: [1 2] - if they come: true
	// nearly all are right: true - it helps
}
