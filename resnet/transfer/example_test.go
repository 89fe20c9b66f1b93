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
	fmt.Printf("a new picture of a class is known as such in %.0f %% of cases or more\n", 100*head.Threshold.Keep)

	dog := head.Predict(features(1, 99))[0]
	fmt.Printf("a new dog: %s, more than 90 %% sure: %t\n", lesson.Classes[dog.Class],
		dog.Probabilities[dog.Class] > 0.9)
	fmt.Println("something else:", head.Predict(features(7, 0))[0].Class == transfer.None)
	// Output:
	// accuracy 60 of 60, between 94 and 100 %
	// fitted step by step: true
	// calibrated: true
	// a new picture of a class is known as such in 95 % of cases or more
	// a new dog: dog, more than 90 % sure: true
	// something else: true
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
